// An app's first log-in: cross-signing, secret storage and a key backup, without asking for a
// password again; to replace the keys later, the password is needed.

import { tell } from "../story.js";

await tell(async ({ ann, ben }, saw) => {
    await ann.setUpEncryption();
    const crypto = ann.crypto;
    saw("cross-signing is ready", await crypto.isCrossSigningReady(), true);
    saw("secret storage is ready", await crypto.isSecretStorageReady(), true);
    const { privateKeysInSecretStorage } = await crypto.getCrossSigningStatus();
    saw("the private keys are in secret storage", privateKeysInSecretStorage, true);
    const info = await crypto.getKeyBackupInfo();
    saw("a key backup runs", await crypto.getActiveSessionBackupVersion(), info.version);
    saw("the backup is signed by ann", (await crypto.isKeyBackupTrusted(info)).trusted, true);

    await ann.roomWith([ben]);
    const ownSignature = async () => {
        await ben.crypto.getUserDeviceInfo([ann.userId], true);
        return ben.crypto.getDeviceVerificationStatus(ann.userId, ann.deviceId);
    };
    await ben.until("ann's keys", async () => (await ownSignature())?.signedByOwner);
    saw("ben sees ann's device signed by ann", (await ownSignature()).signedByOwner, true);

    const before = await crypto.getCrossSigningKeyId();
    let asked;
    await crypto.bootstrapCrossSigning({
        setupNewCrossSigning: true,
        authUploadDeviceSigningKeys: async (upload) => {
            asked = await upload(null).catch((error) => error);
            const { session } = asked.data;
            const identifier = { type: "m.id.user", user: ann.userId };
            const { password } = ann;
            return upload({ type: "m.login.password", identifier, password, session });
        },
    });
    saw("new keys without the password are refused", asked.httpStatus, 401);
    saw("new keys with it are taken", (await crypto.getCrossSigningKeyId()) === before, false);
    const isAsked = async () =>
        (await ben.crypto.getUserVerificationStatus(ann.userId)).needsUserApproval;
    await ben.until("ann's new keys", isAsked);
    saw("ben is told that ann's keys are new", await isAsked(), true);
});
