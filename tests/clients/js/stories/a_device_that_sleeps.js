// Somebody logs out everywhere. What is said then is for the device that sleeps, and the next one
// that they log in on wakes it.

import { Person } from "../person.js";
import { tell } from "../story.js";

await tell(async ({ ann, ben }, saw) => {
    await ann.setUpEncryption();
    saw("the server knows devices that sleep", await ann.crypto.isDehydrationSupported(), true);
    await ann.crypto.startDehydration();
    const roomId = await ann.roomWith([ben]);
    await ben.says(roomId, "Are you there?");
    await ann.hears(roomId, "Are you there?");

    const asleep = async () => {
        const devices = await ben.crypto.getUserDeviceInfo([ann.userId], true);
        return [...devices.get(ann.userId).values()].filter((device) => device.dehydrated);
    };
    saw("ben knows the one that sleeps", (await asleep()).length, 1);

    await ann.client.logout(true);
    await ben.until("ann's log-out", async () => {
        const devices = await ben.crypto.getUserDeviceInfo([ann.userId], true);
        return !devices.get(ann.userId).has(ann.deviceId);
    });
    await ben.says(roomId, "Nobody is, it seems.");

    const second = await Person.logIn(ann, { recoveryKey: ann.recoveryKey });
    await second.crypto.userHasCrossSigningKeys(ann.userId, true);
    await second.crypto.bootstrapCrossSigning({});
    await second.crypto.startDehydration();
    const read = await second.hears(roomId, "Nobody is, it seems.");
    saw("ann reads what was said to nobody", read.getSender(), ben.userId);
    saw("another sleeps now", (await asleep()).length, 1);
});
