// A file is encrypted by hand as an EncryptedFile, uploaded, announced, fetched and decrypted.

import { MsgType } from "matrix-js-sdk";

import { tell } from "../story.js";

const { subtle } = globalThis.crypto;
const unpadded = (bytes) => Buffer.from(bytes).toString("base64").replace(/=+$/, "");
const OCTETS = "application/octet-stream";

/** The ciphertext and the EncryptedFile that describes it, but for its url. */
async function encrypt(plain) {
    const iv = new Uint8Array(16);
    globalThis.crypto.getRandomValues(iv.subarray(0, 8));
    const cipher = { name: "AES-CTR", length: 256 };
    const secret = await subtle.generateKey(cipher, true, ["encrypt", "decrypt"]);
    const ciphertext = await subtle.encrypt({ name: "AES-CTR", counter: iv, length: 64 }, secret, plain);
    const key = await subtle.exportKey("jwk", secret);
    const hashes = { sha256: unpadded(await subtle.digest("SHA-256", ciphertext)) };
    return { ciphertext, file: { v: "v2", key, iv: unpadded(iv), hashes } };
}

async function decrypt(ciphertext, { key, iv }) {
    const secret = await subtle.importKey("jwk", key, "AES-CTR", false, ["decrypt"]);
    const counter = Buffer.from(iv, "base64");
    return subtle.decrypt({ name: "AES-CTR", counter, length: 64 }, secret, ciphertext);
}

await tell(async ({ ann, ben }, saw) => {
    const roomId = await ann.roomWith([ben]);
    const plain = Buffer.from("Seven fathoms, sand and shells. ".repeat(5_000));

    const { ciphertext, file } = await encrypt(plain);
    const { content_uri: url } = await ann.client.uploadContent(Buffer.from(ciphertext), {
        type: OCTETS,
        includeFilename: false,
    });
    const info = { mimetype: "text/plain", size: plain.length };
    await ann.says(roomId, "soundings.txt", { msgtype: MsgType.File, info, file: { ...file, url } });

    const heard = (await ben.hears(roomId, "soundings.txt")).getContent();
    saw("ben reads where the file is", heard.file.url, url);
    const at = ben.client.mxcUrlToHttp(url, undefined, undefined, undefined, false, true, true);
    const asBen = { headers: { Authorization: `Bearer ${ben.client.getAccessToken()}` } };
    const answer = await fetch(at, asBen);
    const fetched = await answer.arrayBuffer();
    saw("the server gives the same ciphertext", Buffer.from(fetched), Buffer.from(ciphertext));
    saw("it says no more than bytes", answer.headers.get("content-type"), OCTETS);
    const digest = unpadded(await subtle.digest("SHA-256", fetched));
    saw("the hash that ann announced holds", digest, heard.file.hashes.sha256);
    saw("ben reads the file", Buffer.from(await decrypt(fetched, heard.file)), plain);

    saw("without a token it is not given", (await fetch(at)).status, 401);
});
