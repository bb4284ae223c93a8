// Two people verify each other by emoji (SAS) in their chat, to the end: each then trusts the
// other's cross-signing identity.

import { VerificationPhase, VerifierEvent } from "matrix-js-sdk/lib/crypto-api/index.js";

import { tell } from "../story.js";

/** Runs the verifier; resolves `emoji` when they show, and `done` after both have confirmed. */
function comparing(verifier) {
    const shown = new Promise((resolve) => verifier.once(VerifierEvent.ShowSas, resolve));
    return { shown, done: verifier.verify() };
}

await tell(async ({ ann, ben }, saw) => {
    await Promise.all([ann.setUpEncryption(), ben.setUpEncryption()]);
    const roomId = await ann.roomWith([ben], { is_direct: true });
    for (const [one, other] of [[ann, ben], [ben, ann]]) {
        await one.until("the other's identity", () =>
            one.crypto.userHasCrossSigningKeys(other.userId, true),
        );
    }

    const asked = await ann.crypto.requestVerificationDM(ben.userId, roomId);
    const request = await ben.until("a verification request", () =>
        ben.crypto.findVerificationRequestDMInProgress(roomId, ann.userId),
    );
    saw("ben is asked by ann", request.otherUserId, ann.userId);
    await request.accept();
    await ann.until("ben to be ready", () => asked.phase === VerificationPhase.Ready, asked);

    const atAnn = comparing(await asked.startVerification("m.sas.v1"));
    const atBen = comparing(await ben.until("the start", () => request.verifier, request));
    const [annShows, benShows] = await Promise.all([atAnn.shown, atBen.shown]);
    saw("seven emoji are shown", annShows.sas.emoji.length, 7);
    saw("both are shown the same emoji", annShows.sas.emoji, benShows.sas.emoji);

    await Promise.all([annShows.confirm(), benShows.confirm()]);
    await Promise.all([atAnn.done, atBen.done]);
    for (const [name, one, other] of [["ann", ann, ben], ["ben", ben, ann]]) {
        const trusts = async () =>
            (await one.crypto.getUserVerificationStatus(other.userId)).isCrossSigningVerified();
        await one.until("trust", trusts);
        saw(`${name} trusts the other`, await trusts(), true);
    }
    const done = VerificationPhase.Done;
    await ann.until("the end", () => asked.phase === done, asked);
    await ben.until("the end", () => request.phase === done, request);
    saw("both are done", [asked.phase, request.phase], [done, done]);
});
