/** What a server's refusal means to a person: each kind has its own words in `words/`. */

export type Refusal =
  | { kind: "wrong-password" }
  | { kind: "locked" }
  | { kind: "deactivated" }
  | { kind: "invitation-over" }
  | { kind: "name-taken" }
  | { kind: "name-not-allowed" }
  | { kind: "password-refused" }
  | { kind: "too-fast"; waitMs: number }
  | { kind: "signed-out" }
  | { kind: "not-allowed" }
  | { kind: "too-large" }
  | { kind: "away" }
  | { kind: "clock-wrong"; offMs: number }
  | { kind: "unknown"; errcode: string };

/** A request that was not granted. */
export class Refused extends Error {
  constructor(readonly refusal: Refusal) {
    super(refusal.kind);
    this.name = "Refused";
  }
}

const KINDS: Record<string, Refusal["kind"]> = {
  M_USER_LOCKED: "locked",
  M_USER_DEACTIVATED: "deactivated",
  M_USER_IN_USE: "name-taken",
  M_INVALID_USERNAME: "name-not-allowed",
  M_EXCLUSIVE: "name-taken",
  M_WEAK_PASSWORD: "password-refused",
  M_UNKNOWN_TOKEN: "signed-out",
  M_MISSING_TOKEN: "signed-out",
  M_FORBIDDEN: "not-allowed",
  M_TOO_LARGE: "too-large",
};

/** The refusal of an error answer. `body` is what came, whatever it was. */
export function refusalOf(status: number, body: unknown): Refusal {
  const told = typeof body === "object" && body !== null ? (body as Record<string, unknown>) : {};
  const errcode = typeof told["errcode"] === "string" ? told["errcode"] : "";
  if (errcode === "M_LIMIT_EXCEEDED") {
    const waitMs = told["retry_after_ms"];
    return { kind: "too-fast", waitMs: typeof waitMs === "number" ? waitMs : 10_000 };
  }
  if (status >= 502 || status === 0) return { kind: "away" };
  const kind = KINDS[errcode];
  return kind ? ({ kind } as Refusal) : { kind: "unknown", errcode: errcode || String(status) };
}

/** What went wrong, for whatever was thrown: by `fetch`, by the SDK, by us. */
export function whyOf(error: unknown): Refusal {
  if (error instanceof Refused) return error.refusal;
  if (typeof error === "object" && error !== null) {
    const told = error as { httpStatus?: unknown; data?: unknown; name?: unknown };
    if (typeof told.httpStatus === "number") return refusalOf(told.httpStatus, told.data);
    if (told.name === "ConnectionError" || error instanceof TypeError) return { kind: "away" };
  }
  return { kind: "unknown", errcode: "" };
}
