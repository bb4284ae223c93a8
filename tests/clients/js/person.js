// A person with a device: matrix-js-sdk with its Rust cryptography, used as an app uses it.

import "./node_20.js";

import {
    ClientEvent,
    EventType,
    MatrixEventEvent,
    MsgType,
    Preset,
    RoomEvent,
    RoomMemberEvent,
    RoomStateEvent,
    SyncState,
    createClient,
} from "matrix-js-sdk";
import { CryptoEvent, decodeRecoveryKey } from "matrix-js-sdk/lib/crypto-api/index.js";
import { logger } from "matrix-js-sdk/lib/logger.js";
import { RustBackupManager } from "matrix-js-sdk/lib/rust-crypto/backup.js";

const PATIENCE_MS = 30_000;
export const ENCRYPTED = {
    type: EventType.RoomEncryption,
    state_key: "",
    content: { algorithm: "m.megolm.v1.aes-sha2" },
};
// Anything that a person may wait for makes one of these.
const NEWS = [
    ...Object.values(ClientEvent),
    ...Object.values(CryptoEvent),
    ...Object.values(RoomEvent),
    ...Object.values(RoomMemberEvent),
    ...Object.values(RoomStateEvent),
    MatrixEventEvent.Decrypted,
    MatrixEventEvent.Replaced,
];

// The SDK tells each step of each message; only what went wrong is worth keeping.
logger.methodFactory = (level) => (["warn", "error"].includes(level) ? console.error : () => {});
logger.rebuild();
// The SDK puts a backup off by up to 10 s so that many clients do not back up at once.
RustBackupManager.maxBackupLoopStartDelayMillis = 0;

export class Person {
    /** Registers with the invitation `token`, as the server's stages ask for it, and starts. */
    static async register({ baseUrl, localpart, token, password = `${localpart}-password` }) {
        const anonymous = createClient({ baseUrl });
        const wanted = { username: localpart, password, initial_device_display_name: "first" };
        const stages = {
            "m.login.registration_token": { type: "m.login.registration_token", token },
            "m.login.dummy": { type: "m.login.dummy" },
        };
        let auth;
        for (;;) {
            try {
                const account = await anonymous.registerRequest({ ...wanted, auth });
                return await Person.#start(baseUrl, account, password);
            } catch (error) {
                if (error.httpStatus !== 401 || error.errcode) throw error;
                const { flows, completed = [], session } = error.data;
                const flow = flows.find(({ stages: all }) => all.every((stage) => stage in stages));
                const next = flow.stages.find((stage) => !completed.includes(stage));
                auth = { ...stages[next], session };
            }
        }
    }

    /** Logs in on a new device with the password of `person`. */
    static async logIn(person, { recoveryKey, syncBy } = {}) {
        const { baseUrl } = person.client;
        const account = await createClient({ baseUrl }).loginRequest({
            type: "m.login.password",
            identifier: { type: "m.id.user", user: person.userId },
            password: person.password,
            initial_device_display_name: "second",
        });
        return Person.#start(baseUrl, account, person.password, { recoveryKey, syncBy });
    }

    /** `syncBy` makes of the client what it is to sync by, if not by `GET /sync`. */
    static async #start(baseUrl, account, password, { recoveryKey, syncBy } = {}) {
        const person = new Person(baseUrl, account, password, recoveryKey);
        await person.client.initRustCrypto({ useIndexedDB: false });
        await person.client.startClient({
            lazyLoadMembers: true,
            threadSupport: true,
            initialSyncLimit: 20,
            slidingSync: syncBy?.(person.client),
        });
        await person.until("the first sync", () =>
            [SyncState.Prepared, SyncState.Syncing].includes(person.client.getSyncState()),
        );
        return person;
    }

    constructor(baseUrl, account, password, recoveryKey) {
        this.userId = account.user_id;
        this.deviceId = account.device_id;
        this.password = password;
        this.recoveryKey = recoveryKey;
        this.client = createClient({
            baseUrl,
            accessToken: account.access_token,
            refreshToken: account.refresh_token,
            userId: account.user_id,
            deviceId: account.device_id,
            cryptoCallbacks: {
                getSecretStorageKey: async ({ keys }) => [
                    Object.keys(keys)[0],
                    decodeRecoveryKey(this.recoveryKey),
                ],
            },
        });
    }

    get crypto() {
        return this.client.getCrypto();
    }

    /** Cross-signing, secret storage and a key backup, as apps do it after the first log-in. */
    async setUpEncryption() {
        await this.crypto.bootstrapCrossSigning({
            // A first set of keys needs no password (MSC3967): this is called once, with nothing.
            authUploadDeviceSigningKeys: (upload) => upload(null),
        });
        await this.crypto.bootstrapSecretStorage({
            createSecretStorageKey: async () => {
                const key = await this.crypto.createRecoveryKeyFromPassphrase();
                this.recoveryKey = key.encodedPrivateKey;
                return key;
            },
            setupNewKeyBackup: true,
        });
    }

    /** What the server has of the key backup now; the SDK's own answer is the one it began with. */
    async backup() {
        const prefix = "/_matrix/client/v3";
        return this.client.http.authedRequest("GET", "/room_keys/version", {}, undefined, { prefix });
    }

    /** An encrypted room with `others`, who have joined when this returns. */
    async roomWith(others, { asksForEncryption = true, ...options } = {}) {
        const { room_id: roomId } = await this.client.createRoom({
            preset: Preset.TrustedPrivateChat,
            invite: others.map((other) => other.userId),
            initial_state: asksForEncryption ? [ENCRYPTED] : [],
            ...options,
        });
        await Promise.all(others.map((other) => other.accepts(roomId)));
        const everybody = [this, ...others];
        await Promise.all(
            everybody.map((person) =>
                person.until(`${everybody.length} members in the room`, async () => {
                    const room = person.client.getRoom(roomId);
                    return (
                        room?.getJoinedMemberCount() === everybody.length &&
                        (await person.crypto.isEncryptionEnabledInRoom(roomId))
                    );
                }),
            ),
        );
        return roomId;
    }

    /** Waits for the invitation to the room and joins it. */
    async accepts(roomId) {
        await this.until("an invitation", () => this.client.getRoom(roomId)?.getMyMembership() === "invite");
        await this.client.joinRoom(roomId);
    }

    /** Sends a text, encrypted by the SDK, and returns the event's id. */
    async says(roomId, words, more = {}) {
        const content = { msgtype: MsgType.Text, body: words, ...more };
        return (await this.client.sendMessage(roomId, content)).event_id;
    }

    /** Waits until the text was received and decrypted, and returns its event. */
    async hears(roomId, words) {
        return this.until(`the words "${words}"`, () =>
            this.eventsIn(roomId).find((event) => isEncryptedText(event, words)),
        );
    }

    /** The event with this id, if this device holds it. */
    event(roomId, eventId) {
        return this.eventsIn(roomId).find((event) => event.getId() === eventId);
    }

    /** What this device holds of the room: its timeline, and its threads' */
    eventsIn(roomId) {
        const room = this.client.getRoom(roomId);
        const threads = room?.getThreads().flatMap((thread) => thread.events) ?? [];
        return [...(room?.getLiveTimeline().getEvents() ?? []), ...threads];
    }

    /**
     * Waits until `check` returns something true, looking whenever the SDK has news, or `other`,
     * an emitter of `change`, has.
     */
    async until(what, check, other) {
        const { promise, resolve, reject } = Promise.withResolvers();
        const look = () => Promise.resolve(check()).then((found) => found && resolve(found), reject);
        const impatience = setTimeout(
            () => reject(new Error(`${this.userId} waited ${PATIENCE_MS} ms for ${what}`)),
            PATIENCE_MS,
        );
        for (const news of NEWS) this.client.on(news, look);
        other?.on("change", look);
        try {
            look();
            return await promise;
        } finally {
            clearTimeout(impatience);
            for (const news of NEWS) this.client.off(news, look);
            other?.off("change", look);
        }
    }
}

function isEncryptedText(event, words) {
    return (
        event.isEncrypted() && !event.isDecryptionFailure() && event.getContent().body === words
    );
}
