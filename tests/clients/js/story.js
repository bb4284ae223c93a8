// Runs one story: its people come from the environment, what was seen goes to standard output.
//
// BASE_URL     where the server is
// INVITATIONS  JSON: {"ann": "..."}, a registration token for each of its people
//
// Each thing that a story has asserted is a line `saw: ...`; the test that runs it expects them all.

import assert from "node:assert/strict";

import { Person } from "./person.js";

/** `act` gets the people by name, registered and started, and `saw(what, actual, expected)`. */
export async function tell(act) {
    const baseUrl = process.env.BASE_URL;
    const registered = Object.entries(JSON.parse(process.env.INVITATIONS)).map(
        async ([name, token]) => [name, await Person.register({ baseUrl, localpart: name, token })],
    );
    await act(Object.fromEntries(await Promise.all(registered)), saw);
    // The SDK keeps timers and a long poll that nobody waits for any more.
    process.exit(0);
}

/** Asserts that two values are equal, and says so. */
export function saw(what, actual, expected) {
    assert.deepEqual(actual, expected, what);
    console.log(`saw: ${what}`);
}
