// Two people verify each other by emoji (SAS) in their chat, to the end: each then trusts the
// other's cross-signing identity.

import { tell } from "../story.js";
import { verifyByEmoji } from "../verifying.js";

await tell(async ({ ann, ben }, saw) => {
    await Promise.all([ann.setUpEncryption(), ben.setUpEncryption()]);
    const roomId = await ann.roomWith([ben], { is_direct: true });
    await ann.until("ben's identity", () => ann.crypto.userHasCrossSigningKeys(ben.userId, true));
    await ben.until("ann's identity", () => ben.crypto.userHasCrossSigningKeys(ann.userId, true));

    const asked = await ann.crypto.requestVerificationDM(ben.userId, roomId);
    const request = await ben.until("a verification request", () =>
        ben.crypto.findVerificationRequestDMInProgress(roomId, ann.userId),
    );
    saw("ben is asked by ann", request.otherUserId, ann.userId);

    const sides = { asker: ann, asked, answerer: ben, request };
    const [annWasShown, benWasShown] = await verifyByEmoji(sides);
    saw("seven emoji are shown", annWasShown.length, 7);
    saw("both are shown the same emoji", annWasShown, benWasShown);

    for (const [name, one, other] of [["ann", ann, ben], ["ben", ben, ann]]) {
        const trusts = async () =>
            (await one.crypto.getUserVerificationStatus(other.userId)).isCrossSigningVerified();
        await one.until("trust", trusts);
        saw(`${name} trusts the other`, await trusts(), true);
    }
});
