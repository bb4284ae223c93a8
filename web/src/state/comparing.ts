/**
 * Two devices show the same emoji, and two people (or one, twice) say that they are the same.
 *
 * The SDK's request as steps that a person can follow: one comparison at a time.
 */

import type { MatrixClient } from "matrix-js-sdk";
import {
  CryptoEvent,
  VerificationPhase,
  type VerificationRequest,
  VerificationRequestEvent,
  VerifierEvent,
} from "matrix-js-sdk/lib/crypto-api";
import { createStore, type StoreApi } from "zustand/vanilla";

import { cryptoOf } from "../crypto/own.ts";
import { directWith } from "./rooms.ts";

export type Step =
  | { at: "asked" }
  | { at: "waiting" }
  | { at: "ready" }
  | { at: "starting" }
  | { at: "emoji"; emoji: [symbol: string, name: string][] }
  | { at: "agreeing" }
  | { at: "done" }
  | { at: "over"; because: "cancelled" | "different" | "too-late" | "elsewhere" };

const SAS = "m.sas.v1";
const BECAUSE: Record<string, "different" | "too-late" | "elsewhere"> = {
  "m.mismatched_sas": "different",
  "m.timeout": "too-late",
  "m.accepted": "elsewhere",
};

export class Comparison {
  readonly store: StoreApi<Step>;
  readonly isOwn: boolean;
  readonly userId: string;
  private hasAgreed = false;
  private isFollowed = false;

  constructor(private readonly request: VerificationRequest) {
    this.isOwn = request.isSelfVerification;
    this.userId = request.otherUserId;
    this.store = createStore<Step>(() => ({ at: request.initiatedByMe ? "waiting" : "asked" }));
    request.on(VerificationRequestEvent.Change, this.look);
    this.look();
  }

  get transactionId(): string | undefined {
    return this.request.transactionId;
  }

  /** Take part in what another device asked for. */
  async accept(): Promise<void> {
    this.store.setState({ at: "starting" }, true);
    await this.request.accept();
  }

  /** Show the emoji on both sides. */
  async begin(): Promise<void> {
    this.store.setState({ at: "starting" }, true);
    await this.request.startVerification(SAS);
    this.look();
  }

  /** The person says that both sides show the same. */
  async same(): Promise<void> {
    this.hasAgreed = true;
    this.look();
    await this.request.verifier?.getShowSasCallbacks()?.confirm();
  }

  /** Or that they do not: somebody stands in between. */
  different(): void {
    this.request.verifier?.getShowSasCallbacks()?.mismatch();
  }

  /** Stop it, whatever step it is at. */
  async stop(): Promise<void> {
    if (this.request.pending) await this.request.cancel();
  }

  private look = (): void => {
    const step = this.step();
    if (step) this.store.setState(step, true);
  };

  private step(): Step | undefined {
    const { request } = this;
    switch (request.phase) {
      case VerificationPhase.Ready:
        return { at: "ready" };
      case VerificationPhase.Started:
        return this.started();
      case VerificationPhase.Done:
        return { at: "done" };
      case VerificationPhase.Cancelled:
        return { at: "over", because: BECAUSE[request.cancellationCode ?? ""] ?? "cancelled" };
      default:
        return undefined;
    }
  }

  private started(): Step {
    const { verifier } = this.request;
    if (verifier && !this.isFollowed) {
      this.isFollowed = true;
      verifier.on(VerifierEvent.ShowSas, this.look);
      verifier.verify().then(this.look, this.look);
    }
    if (this.hasAgreed) return { at: "agreeing" };
    const emoji = verifier?.getShowSasCallbacks()?.sas.emoji;
    return emoji ? { at: "emoji", emoji } : { at: "starting" };
  }
}

export const comparing = createStore<{ now: Comparison | undefined }>(() => ({ now: undefined }));

/** Show what other devices ask for, until what is given back is called. */
export function followComparisons(client: MatrixClient): () => void {
  const asked = (request: VerificationRequest): void => {
    const before = comparing.getState().now;
    const isBusy = before && !["done", "over"].includes(before.store.getState().at);
    if (!isBusy && request.pending) comparing.setState({ now: new Comparison(request) });
  };
  client.on(CryptoEvent.VerificationRequestReceived, asked);
  return () => {
    client.off(CryptoEvent.VerificationRequestReceived, asked);
    comparing.setState({ now: undefined });
  };
}

/** Ask one's own other sessions. */
export async function compareOwn(client: MatrixClient): Promise<void> {
  const request = await cryptoOf(client).requestOwnUserVerification();
  comparing.setState({ now: new Comparison(request) });
}

/** Whether there is a conversation with somebody that a comparison can be asked in. */
export function roomToCompareIn(client: MatrixClient, userId: string): string | undefined {
  const room = client
    .getRooms()
    .find((one) => one.getMyMembership() === "join" && directWith(client, one) === userId);
  return room?.getMember(userId)?.membership === "join" ? room.roomId : undefined;
}

/** Ask somebody, in the direct chat with them. */
export async function comparePerson(client: MatrixClient, userId: string): Promise<void> {
  const roomId = roomToCompareIn(client, userId);
  if (roomId === undefined) return;
  const request = await cryptoOf(client).requestVerificationDM(userId, roomId);
  comparing.setState({ now: new Comparison(request) });
}

/** It is seen to; nothing is shown of it any more. */
export function closeComparison(): void {
  const { now } = comparing.getState();
  comparing.setState({ now: undefined });
  void now?.stop();
}
