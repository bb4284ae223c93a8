/**
 * Nothing is encrypted for somebody whose keys are new until the person who writes has decided
 * (threat `identity`). The SDK stops only for people who were verified by hand.
 *
 * 1. Asked right before anything is encrypted, by whatever road it came: text, file, poll, edit.
 * 2. Asked again afterwards: the news may come while the SDK encrypts. Then the ciphertext is not
 *    sent, its session is never used again, and the message can be encrypted anew.
 * 3. What is known of somebody is forgotten when the SDK hears anything new about them.
 *
 * Failure here means that a server can read along by giving out keys of its own.
 */

import type { MatrixClient, MatrixEvent, Room } from "matrix-js-sdk";
import { CryptoEvent } from "matrix-js-sdk/lib/crypto-api";

import { cryptoOf } from "./own.ts";

interface Encrypts {
  encryptEvent(event: MatrixEvent, room: Room): Promise<void>;
}

/** A message that was not encrypted, since these people's keys are new. */
export class KeysAreNew extends Error {
  constructor(readonly userIds: string[]) {
    super("keys are new");
    this.name = "KeysAreNew";
  }
}

/** Somebody who is waiting for a decision. */
export interface Changed {
  userId: string;
  /** They had been compared by hand before. */
  wasVerified: boolean;
}

const known = new WeakMap<MatrixClient, Map<string, Promise<Changed | undefined>>>();

/** Have every message of this client pass here. Once, before it syncs. */
export function stopForNewKeys(client: MatrixClient): void {
  const people = new Map<string, Promise<Changed | undefined>>();
  known.set(client, people);
  client.on(CryptoEvent.UserTrustStatusChanged, (userId) => void people.delete(userId)); // 3
  const crypto = cryptoOf(client) as unknown as Encrypts;
  const encrypt = crypto.encryptEvent.bind(crypto);
  crypto.encryptEvent = async (event, room) => {
    await refuse(client, room); // 1
    const unsealed = { ...event.event };
    await encrypt(event, room);
    try {
      await refuse(client, room); // 2
    } catch (error) {
      event.event = unsealed;
      await cryptoOf(client).forceDiscardSession(room.roomId);
      throw error;
    }
  };
}

async function refuse(client: MatrixClient, room: Room): Promise<void> {
  const changed = await changedIn(client, room);
  if (changed.length > 0) throw new KeysAreNew(changed.map(({ userId }) => userId));
}

/** The people of a room whose keys are new, and about whom nothing was decided yet. */
export async function changedIn(client: MatrixClient, room: Room): Promise<Changed[]> {
  const people = known.get(client);
  if (!people) throw new Error("not followed");
  const asked = (await room.getEncryptionTargetMembers()).map(({ userId }) => {
    let answer = people.get(userId);
    if (!answer) {
      answer = standingOf(client, userId);
      people.set(userId, answer);
      answer.catch(() => people.delete(userId));
    }
    return answer;
  });
  return (await Promise.all(asked)).filter((one) => one !== undefined);
}

async function standingOf(client: MatrixClient, userId: string): Promise<Changed | undefined> {
  if (userId === client.getUserId()) return undefined;
  const status = await cryptoOf(client).getUserVerificationStatus(userId);
  const wasVerified = status.wasCrossSigningVerified() && !status.isCrossSigningVerified();
  return status.needsUserApproval || wasVerified ? { userId, wasVerified } : undefined;
}

/** The person decided: these keys are theirs, as far as one can know. */
export async function acceptKeys(client: MatrixClient, { userId, wasVerified }: Changed): Promise<void> {
  const crypto = cryptoOf(client);
  if (wasVerified) await crypto.withdrawVerificationRequirement(userId);
  await crypto.pinCurrentUserIdentity(userId);
  known.get(client)?.delete(userId);
}
