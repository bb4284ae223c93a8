// Verification by emoji (SAS) between two devices, both of which are in this program.

import { VerificationPhase, VerifierEvent } from "matrix-js-sdk/lib/crypto-api/index.js";

/**
 * Plays a verification from the request to the moment when both have confirmed that the emoji are
 * the same. `asked` is the request at `asker`'s end, `request` the same at `answerer`'s.
 * Returns what each of the two was shown.
 */
export async function verifyByEmoji({ asker, asked, answerer, request }) {
    await request.accept();
    await asker.until("an answer", () => asked.phase === VerificationPhase.Ready, asked);
    const atAsker = comparing(await asked.startVerification("m.sas.v1"));
    await answerer.until("the start", () => request.verifier, request);
    const atAnswerer = comparing(request.verifier);

    const shown = await Promise.all([atAsker.shown, atAnswerer.shown]);
    await Promise.all(shown.map((sas) => sas.confirm()));
    await Promise.all([atAsker.done, atAnswerer.done]);
    const isDone = ({ phase }) => phase === VerificationPhase.Done;
    await asker.until("the end", () => isDone(asked), asked);
    await answerer.until("the end", () => isDone(request), request);
    return shown.map(({ sas }) => sas.emoji);
}

function comparing(verifier) {
    const shown = new Promise((resolve) => verifier.once(VerifierEvent.ShowSas, resolve));
    return { shown, done: verifier.verify() };
}
