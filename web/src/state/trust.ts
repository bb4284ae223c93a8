/** What is known of whether somebody is who they say. */

import type { MatrixClient } from "matrix-js-sdk";
import { CryptoEvent } from "matrix-js-sdk/lib/crypto-api";

import { cryptoOf } from "../crypto/own.ts";

export type Trust = "unknown" | "verified" | "new-keys" | "no-keys";

async function trustOf(client: MatrixClient, userId: string): Promise<Trust> {
  const status = await cryptoOf(client).getUserVerificationStatus(userId);
  if (!status.known) return "no-keys";
  if (status.isCrossSigningVerified()) return "verified";
  return status.needsUserApproval || status.wasCrossSigningVerified() ? "new-keys" : "unknown";
}

/** Tell it, now and when it changes, until what is given back is called. */
export function followTrust(
  client: MatrixClient,
  userId: string,
  tell: (trust: Trust) => void,
): () => void {
  let isOver = false;
  const look = (): void => {
    trustOf(client, userId).then((trust) => !isOver && tell(trust), () => undefined);
  };
  const changed = (who: string): void => {
    if (who === userId) look();
  };
  client.on(CryptoEvent.UserTrustStatusChanged, changed);
  look();
  return () => {
    isOver = true;
    client.off(CryptoEvent.UserTrustStatusChanged, changed);
  };
}
