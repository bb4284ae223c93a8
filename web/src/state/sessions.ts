/** Where the account is logged in, and what can be done about each of these places. */

import type { MatrixClient } from "matrix-js-sdk";
import { CryptoEvent } from "matrix-js-sdk/lib/crypto-api";

import { cryptoOf } from "../crypto/own.ts";
import { withPassword } from "../matrix/proof.ts";

export interface Session {
  id: string;
  name: string;
  /** The address that it was last seen at. */
  where?: string;
  /** ms. */
  seenAt?: number;
  isThis: boolean;
  /** Its owner has shown that it is theirs. */
  isConfirmed: boolean;
}

/** All of them: this one, then what is not confirmed, then by when they were seen. */
export async function sessionsOf(client: MatrixClient): Promise<Session[]> {
  const me = client.getSafeUserId();
  const { devices } = await client.getDevices();
  const found = devices.map(async (device): Promise<Session> => {
    const status = await cryptoOf(client).getDeviceVerificationStatus(me, device.device_id);
    return {
      id: device.device_id,
      name: device.display_name || device.device_id,
      isThis: device.device_id === client.getDeviceId(),
      isConfirmed: status?.signedByOwner ?? false,
      ...(device.last_seen_ip && { where: device.last_seen_ip }),
      ...(device.last_seen_ts !== undefined && { seenAt: device.last_seen_ts }),
    };
  });
  const rank = (one: Session): number => (one.isThis ? 0 : one.isConfirmed ? 2 : 1);
  return (await Promise.all(found)).sort(
    (a, b) => rank(a) - rank(b) || (b.seenAt ?? 0) - (a.seenAt ?? 0),
  );
}

/** Call `changed` whenever one came, went or was confirmed, until what is given back is called. */
export function followSessions(client: MatrixClient, changed: () => void): () => void {
  const devices = (userIds: string[]): void => {
    if (userIds.includes(client.getSafeUserId())) changed();
  };
  client.on(CryptoEvent.DevicesUpdated, devices);
  return () => void client.off(CryptoEvent.DevicesUpdated, devices);
}

/** Call it something else. */
export async function rename(client: MatrixClient, id: string, name: string): Promise<void> {
  await client.setDeviceDetails(id, { display_name: name });
}

/** Log one out. Refused as `wrong-password`. */
export async function end(client: MatrixClient, id: string, password: string): Promise<void> {
  await withPassword(client, password, (auth) =>
    client.deleteMultipleDevices([id], auth ?? undefined),
  );
}

/** Somebody else is in: they are put out, and the password that they know is none any more. */
export async function putOut(
  client: MatrixClient,
  id: string,
  password: string,
  newPassword: string,
): Promise<void> {
  await end(client, id, password);
  await withPassword(client, password, (auth) => client.setPassword(auth ?? {}, newPassword, false));
}
