// A second device is verified by emoji with the first, over to-device messages, and is given the
// secrets by it: no recovery key is typed, and the history is read from the key backup.

import { Person } from "../person.js";
import { tell } from "../story.js";
import { verifyByEmoji } from "../verifying.js";

await tell(async ({ ann, ben }, saw) => {
    await ann.setUpEncryption();
    const roomId = await ann.roomWith([ben]);
    await ben.says(roomId, "The ferry leaves at nine.");
    await ann.hears(roomId, "The ferry leaves at nine.");
    await ann.until("the key in the backup", async () => (await ann.backup()).count >= 1);

    const second = await Person.logIn(ann);
    saw("the second device has no secrets", await second.crypto.isCrossSigningReady(), false);
    await second.crypto.userHasCrossSigningKeys(ann.userId, true);
    const asked = await second.crypto.requestOwnUserVerification();
    const request = await ann.until("a verification request", () =>
        ann.crypto.getVerificationRequestsToDeviceInProgress(ann.userId).at(0),
    );
    saw("the first is asked by the second", request.otherDeviceId, second.deviceId);

    const sides = { asker: second, asked, answerer: ann, request };
    const [atSecond, atFirst] = await verifyByEmoji(sides);
    saw("both show the same emoji", atSecond, atFirst);

    await second.until("the secrets", async () => {
        const { privateKeysCachedLocally: has } = await second.crypto.getCrossSigningStatus();
        return has.masterKey && has.selfSigningKey && has.userSigningKey;
    });
    saw("the first gave it the secrets", await second.crypto.isCrossSigningReady(), true);
    const read = await second.hears(roomId, "The ferry leaves at nine.");
    saw("it reads what ben wrote before", read.getSender(), ben.userId);
});
