// Two people verify each other by emoji (SAS) in their chat, to the end: each then trusts the
// other's cross-signing identity, and so does a device that took no part in it.

import { Person } from "../person.js";
import { tell } from "../story.js";
import { verifyByEmoji } from "../verifying.js";

await tell(async ({ ann, ben }, saw) => {
    await Promise.all([ann.setUpEncryption(), ben.setUpEncryption()]);
    const roomId = await ann.roomWith([ben], { is_direct: true });
    await ann.until("ben's identity", () => ann.crypto.userHasCrossSigningKeys(ben.userId, true));
    await ben.until("ann's identity", () => ben.crypto.userHasCrossSigningKeys(ann.userId, true));

    const second = await Person.logIn(ben, { recoveryKey: ben.recoveryKey });
    await second.crypto.userHasCrossSigningKeys(ben.userId, true);
    await second.crypto.bootstrapCrossSigning({});
    await second.until("ann's identity", () =>
        second.crypto.userHasCrossSigningKeys(ann.userId, true),
    );

    const asked = await ann.crypto.requestVerificationDM(ben.userId, roomId);
    const request = await ben.until("a verification request", () =>
        ben.crypto.findVerificationRequestDMInProgress(roomId, ann.userId),
    );
    saw("ben is asked by ann", request.otherUserId, ann.userId);

    const sides = { asker: ann, asked, answerer: ben, request };
    const [annWasShown, benWasShown] = await verifyByEmoji(sides);
    saw("seven emoji are shown", annWasShown.length, 7);
    saw("both are shown the same emoji", annWasShown, benWasShown);

    const trusting = [
        ["ann trusts ben", ann, ben],
        ["ben trusts ann", ben, ann],
        ["ben's other device trusts ann", second, ann],
    ];
    for (const [what, one, other] of trusting) {
        const trusts = async () =>
            (await one.crypto.getUserVerificationStatus(other.userId)).isCrossSigningVerified();
        await one.until(what, trusts);
        saw(what, await trusts(), true);
    }
});
