// Runs one story: its people come from the environment, what was seen goes to standard output.
//
// BASE_URL   where the server is
// PEOPLE     JSON: [{"name": "ann", "localpart": "ann-chat", "token": "..."}], an invitation each
//
// Each thing that a story has asserted is a line `saw: ...`; the test that runs it expects them all.

import assert from "node:assert/strict";

import { Person } from "./person.js";

/** `act` gets the people by name, registered and started, and `saw(what, actual, expected)`. */
export async function tell(act) {
    const baseUrl = process.env.BASE_URL;
    const people = JSON.parse(process.env.PEOPLE);
    const started = await Promise.all(
        people.map(({ localpart, token }) => Person.register({ baseUrl, localpart, token })),
    );
    await act(Object.fromEntries(people.map(({ name }, i) => [name, started[i]])), saw);
    // The SDK keeps timers and a long poll that nobody waits for any more.
    process.exit(0);
}

/** Asserts that two values are equal, and says so. */
export function saw(what, actual, expected) {
    assert.deepEqual(actual, expected, what);
    console.log(`saw: ${what}`);
}
