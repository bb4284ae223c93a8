/**
 * What the server wants confirmed by password, confirmed.
 *
 * Source: client-server API, "User-Interactive Authentication API".
 */

import type { AuthDict, MatrixClient } from "matrix-js-sdk";

import { Refused } from "./refusals.ts";

interface Unconfirmed {
  httpStatus?: number;
  data?: { session?: unknown; errcode?: unknown };
}

/** Do it; once more with the password if that is asked for. Refused as `wrong-password`. */
export async function withPassword<T>(
  client: MatrixClient,
  password: string,
  deed: (auth: AuthDict | null) => Promise<T>,
): Promise<T> {
  try {
    return await deed(null);
  } catch (error) {
    const { httpStatus, data } = error as Unconfirmed;
    if (httpStatus !== 401 || typeof data?.session !== "string") throw error;
    return await deed({
      type: "m.login.password",
      identifier: { type: "m.id.user", user: client.getSafeUserId() },
      password,
      session: data.session,
    }).catch(asRefused);
  }
}

function asRefused(error: unknown): never {
  const { httpStatus, data } = error as Unconfirmed;
  if (httpStatus === 401 && data?.errcode === "M_FORBIDDEN") {
    throw new Refused({ kind: "wrong-password" });
  }
  throw error;
}

/** Whether it is the password, before anything is done that cannot be undone: ends no device. */
export async function provePassword(client: MatrixClient, password: string): Promise<void> {
  await withPassword(client, password, (auth) =>
    client.deleteMultipleDevices([], auth ?? undefined),
  );
}
