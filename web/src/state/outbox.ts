/**
 * What was written and has not arrived: it is sent when the server is there again, once, whatever
 * happens to the page in between.
 *
 * 1. A message is kept (sealed) before it is sent, and dropped when the server has answered.
 * 2. Each has its transaction's id from the beginning: the server takes a repeat for the same.
 * 3. What is refused is not tried again by itself: the person sees it and decides.
 * 4. Nothing goes to a room while somebody's keys there are new and nothing was decided (threat
 *    `identity`), not even what was written before.
 */

import {
  ClientEvent,
  EventStatus,
  type MatrixClient,
  type MatrixEvent,
  SyncState,
} from "matrix-js-sdk";
import type { RoomMessageEventContent } from "matrix-js-sdk/lib/@types/events";
import { createStore } from "zustand/vanilla";

import { whyOf } from "../matrix/refusals.ts";
import { keep, kept } from "../platform/vault.ts";
import { mayWrite } from "./identity.ts";

export interface Letter {
  txnId: string;
  roomId: string;
  threadId: string | null;
  content: RoomMessageEventContent;
}

const KEPT = "outbox";
const AGAIN_MS = 4000;

/** The transactions that wait for the server to be there. */
export const waiting = createStore<ReadonlySet<string>>(() => new Set());

const outboxes = new WeakMap<MatrixClient, Outbox>();

/** The client's outbox: there is one. */
export function outboxOf(client: MatrixClient): Outbox {
  const known = outboxes.get(client) ?? new Outbox(client);
  outboxes.set(client, known);
  return known;
}

class Outbox {
  private readonly letters = new Map<string, Letter>();
  private readonly underWay = new Set<string>();
  private again: ReturnType<typeof setTimeout> | undefined;

  constructor(private readonly client: MatrixClient) {}

  /** Send what an earlier page left, and on from there. */
  async begin(): Promise<void> {
    const left = await kept(KEPT);
    if (Array.isArray(left)) {
      for (const letter of left as Letter[]) this.letters.set(letter.txnId, letter);
    }
    this.client.on(ClientEvent.Sync, this.onSync);
    this.tell();
    this.deliverAll();
  }

  end(): void {
    this.client.off(ClientEvent.Sync, this.onSync);
    clearTimeout(this.again);
  }

  /** Send a message, now or when the server is there. */
  async send(roomId: string, threadId: string | null, content: RoomMessageEventContent): Promise<void> {
    const letter = { txnId: this.client.makeTxnId(), roomId, threadId, content };
    this.letters.set(letter.txnId, letter);
    void this.save(); // 1
    await this.deliver(letter);
  }

  /** Try one again that was refused. */
  async retry(event: MatrixEvent): Promise<void> {
    const room = this.client.getRoom(event.getRoomId());
    if (room) await this.client.resendEvent(event, room).catch(() => undefined);
  }

  /** Give one up. */
  discard(event: MatrixEvent): void {
    const txnId = event.getTxnId();
    if (event.status === EventStatus.NOT_SENT) this.client.cancelPendingEvent(event);
    if (txnId && this.letters.delete(txnId)) void this.save();
  }

  private readonly onSync = (state: SyncState): void => {
    if (state === SyncState.Syncing || state === SyncState.Prepared) this.deliverAll();
  };

  private deliverAll(): void {
    for (const letter of this.letters.values()) void this.deliver(letter);
  }

  private async deliver(letter: Letter): Promise<void> {
    const { txnId, roomId, threadId, content } = letter;
    const room = this.client.getRoom(roomId);
    if (this.underWay.has(txnId) || !room) return;
    this.underWay.add(txnId);
    try {
      const may = await mayWrite(this.client, room);
      if (may.at !== "yes") return this.later(); // 4
      const echo = room.getPendingEvents().find((event) => event.getTxnId() === txnId);
      if (echo) await this.client.resendEvent(echo, room);
      else await this.client.sendMessage(roomId, threadId, content, txnId); // 2
      this.letters.delete(txnId);
    } catch (error) {
      const { kind } = whyOf(error);
      if (kind === "away" || kind === "too-fast") this.later();
      else this.letters.delete(txnId); // 3
    } finally {
      this.underWay.delete(txnId);
      void this.save();
    }
  }

  private later(): void {
    clearTimeout(this.again);
    this.again = setTimeout(() => this.deliverAll(), AGAIN_MS);
  }

  private async save(): Promise<void> {
    this.tell();
    await keep(KEPT, [...this.letters.values()]);
  }

  private tell(): void {
    waiting.setState(new Set(this.letters.keys()), true);
  }
}
