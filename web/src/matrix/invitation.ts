/** What an invitation's link leads to, before anybody has an account. */

import { Refused, refusalOf } from "./refusals.ts";

export interface Invitation {
  /** The server's name: what stands behind the colon of everybody's id. */
  organisation: string;
  /** Who invited, if it was a person and not the operator. */
  invitedBy?: string;
  isAdmin: boolean;
}

/** The invitation of a token. Refused as `invitation-over` when it cannot be used any more. */
export async function invitationOf(token: string): Promise<Invitation> {
  const query = new URLSearchParams({ token });
  let response: Response;
  try {
    response = await fetch(`/_matrix/client/unstable/io.privity/invitation?${query}`);
  } catch {
    throw new Refused({ kind: "away" });
  }
  const body = (await response.json().catch(() => ({}))) as Record<string, unknown>;
  if (response.status === 404) throw new Refused({ kind: "invitation-over" });
  if (!response.ok) throw new Refused(refusalOf(response.status, body));
  return {
    organisation: String(body["organisation"]),
    isAdmin: body["is_admin"] === true,
    ...(typeof body["invited_by"] === "string" && { invitedBy: body["invited_by"] }),
  };
}
