// A device logs out: its token is dead at once, and the others no longer encrypt for it.

import { Person } from "../person.js";
import { tell } from "../story.js";

await tell(async ({ ann, ben }, saw) => {
    const second = await Person.logIn(ann);
    const roomId = await ann.roomWith([ben]);
    const knowsSecond = async () => {
        const devices = await ben.crypto.getUserDeviceInfo([ann.userId], true);
        return devices.get(ann.userId)?.has(second.deviceId) ?? false;
    };
    await ben.until("ann's second device", knowsSecond);
    await ben.says(roomId, "You have two telephones.");
    await second.until("the room", () => second.client.getRoom(roomId));
    await second.hears(roomId, "You have two telephones.");
    saw("ben knows the second device", await knowsSecond(), true);

    await second.client.logout(true);
    const refusal = await second.client.whoami().catch((error) => error);
    saw("its token is dead", [refusal.httpStatus, refusal.errcode], [401, "M_UNKNOWN_TOKEN"]);
    const { devices } = await ann.client.getDevices();
    saw("the server has one device left", devices.map((device) => device.device_id), [ann.deviceId]);
    await ben.until("the device to go", async () => !(await knowsSecond()));
    saw("ben no longer knows it", await knowsSecond(), false);

    await ben.says(roomId, "Now you have one.");
    const heard = await ann.hears(roomId, "Now you have one.");
    saw("the other device goes on", heard.getSender(), ben.userId);
});
