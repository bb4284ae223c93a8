// A second device logs in with the password, opens secret storage with the recovery key, and reads
// from the key backup what was said before it existed.

import { Person } from "../person.js";
import { tell } from "../story.js";

await tell(async ({ ann, ben }, saw) => {
    await ann.setUpEncryption();
    const roomId = await ann.roomWith([ben]);
    await ben.says(roomId, "The key is under the mat.");
    await ann.hears(roomId, "The key is under the mat.");
    await ann.until("the key in the backup", async () => (await ann.backup()).count >= 1);

    const second = await Person.logIn(ann, { recoveryKey: ann.recoveryKey });
    const unread = second.eventsIn(roomId).find((event) => event.isEncrypted());
    await second.until("a try to decrypt", () => unread.isDecryptionFailure());
    saw("the second device cannot read it yet", unread.isDecryptionFailure(), true);

    // What an app does with the recovery key.
    const knowsItself = await second.crypto.userHasCrossSigningKeys(ann.userId, true);
    saw("the second device finds ann's identity", knowsItself, true);
    await second.crypto.bootstrapCrossSigning({});
    await second.crypto.loadSessionBackupPrivateKeyFromSecretStorage();
    await second.crypto.checkKeyBackupAndEnable();
    const { imported } = await second.crypto.restoreKeyBackup();
    saw("keys came out of the backup", imported >= 1, true);
    const read = await second.hears(roomId, "The key is under the mat.");
    saw("it reads what ben wrote before", read.getSender(), ben.userId);

    const mine = [ann.userId, second.deviceId];
    const signed = async (one) =>
        (await one.crypto.getDeviceVerificationStatus(...mine))?.crossSigningVerified;
    await ann.until("the second device's signature", () => signed(ann));
    saw("the first device trusts the second", await signed(ann), true);

    await ben.until("the second device", async () => {
        const devices = await ben.crypto.getUserDeviceInfo([ann.userId]);
        return devices.get(ann.userId)?.has(second.deviceId);
    });
    await ben.says(roomId, "It is not there any more.");
    const both = await Promise.all(
        [ann, second].map((device) => device.hears(roomId, "It is not there any more.")),
    );
    saw("both read what ben writes now", both.map((event) => event.getSender()), [
        ben.userId,
        ben.userId,
    ]);
});
