/**
 * Arriving: by invitation, by password; and what the page asks before there is an account.
 *
 * Plain `fetch`, not the SDK: this is the first page that a person ever loads.
 *
 * Source: client-server API, "Token-authenticated registration", "Login".
 */

import { Refused, refusalOf } from "./refusals.ts";

export interface Credentials {
  userId: string;
  deviceId: string;
  accessToken: string;
}

export interface Entering {
  name: string;
  password: string;
  /** What this device is called in the list of sessions. */
  deviceName: string;
}

const V3 = "/_matrix/client/v3";
const TOKEN = "m.login.registration_token";
const MOST_OFF_MS = 5 * 60_000;

interface Answer {
  status: number;
  body: Record<string, unknown>;
}

async function ask(method: string, path: string, body?: object): Promise<Answer> {
  let response: Response;
  try {
    response = await fetch(path, {
      method,
      ...(body && {
        headers: { "content-type": "application/json" },
        body: JSON.stringify(body),
      }),
    });
  } catch {
    throw new Refused({ kind: "away" });
  }
  const told: unknown = await response.json().catch(() => ({}));
  const answer = { status: response.status, body: told as Record<string, unknown> };
  if (response.ok || response.status === 401) checkClock(response);
  return answer;
}

/** A clock that is wrong by more than minutes makes keys and times wrong: better said at once. */
function checkClock(response: Response): void {
  const now = Date.parse(response.headers.get("date") ?? "");
  const offMs = Date.now() - now;
  if (Math.abs(offMs) > MOST_OFF_MS) throw new Refused({ kind: "clock-wrong", offMs });
}

function credentialsOf({ status, body }: Answer): Credentials {
  if (status !== 200) throw new Refused(refusalOf(status, body));
  return {
    userId: String(body["user_id"]),
    deviceId: String(body["device_id"]),
    accessToken: String(body["access_token"]),
  };
}

/** Whether an invitation can still be used. */
export async function isInvitationGood(token: string): Promise<boolean> {
  const query = new URLSearchParams({ token });
  const answer = await ask(
    "GET",
    `/_matrix/client/v1/register/m.login.registration_token/validity?${query}`,
  );
  if (answer.status !== 200) throw new Refused(refusalOf(answer.status, answer.body));
  return answer.body["valid"] === true;
}

/** Make the account that an invitation is for. */
export async function register(token: string, wanted: Entering): Promise<Credentials> {
  const asked = {
    username: wanted.name,
    password: wanted.password,
    initial_device_display_name: wanted.deviceName,
  };
  const first = await ask("POST", `${V3}/register`, asked);
  if (first.status !== 401 || typeof first.body["session"] !== "string") {
    return credentialsOf(first);
  }
  const session = first.body["session"];
  const proofs = [{ type: TOKEN, token, session }, { type: "m.login.dummy", session }];
  let answer = first;
  for (const auth of proofs) {
    answer = await ask("POST", `${V3}/register`, { ...asked, auth });
    if (answer.status !== 401) break;
    if ("errcode" in answer.body) throw new Refused({ kind: "invitation-over" });
  }
  return credentialsOf(answer);
}

/** Log in with a name and a password. */
export async function logIn(wanted: Entering): Promise<Credentials> {
  const answer = await ask("POST", `${V3}/login`, {
    type: "m.login.password",
    identifier: { type: "m.id.user", user: wanted.name },
    password: wanted.password,
    initial_device_display_name: wanted.deviceName,
  });
  if (answer.status === 403 && answer.body["errcode"] === "M_FORBIDDEN") {
    throw new Refused({ kind: "wrong-password" });
  }
  return credentialsOf(answer);
}

/** Have the server forget this device, or every device of the account. */
export async function logOut(credentials: Credentials, everywhere: boolean): Promise<void> {
  await fetch(`${V3}/logout${everywhere ? "/all" : ""}`, {
    method: "POST",
    headers: { authorization: `Bearer ${credentials.accessToken}` },
    keepalive: true,
  });
}

/** The name of the organisation's server, as in `@ann:example.org`. */
export async function serverName(): Promise<string> {
  const answer = await ask("GET", "/.well-known/matrix/client");
  const home = answer.body["m.homeserver"] as { base_url?: string } | undefined;
  try {
    return new URL(home?.base_url ?? location.origin).hostname;
  } catch {
    return location.hostname;
  }
}
