/** Whether one may write in a room: not while somebody's keys are new and nothing was decided. */

import { type MatrixClient, type Room, RoomMemberEvent } from "matrix-js-sdk";
import { CryptoEvent } from "matrix-js-sdk/lib/crypto-api";
import { createStore, type StoreApi } from "zustand/vanilla";

import { acceptKeys, type Changed, changedIn } from "../crypto/identity.ts";
import { soon } from "../platform/soon.ts";
import { safety } from "./safety.ts";

export interface NewKeys extends Changed {
  name: string;
}

export type MayWrite =
  | { at: "yes" }
  | { at: "unconfirmed" }
  | { at: "new-keys"; people: NewKeys[] };

/** Whether one may write there now. */
export async function mayWrite(client: MatrixClient, room: Room): Promise<MayWrite> {
  if (safety.getState().at === "unconfirmed") return { at: "unconfirmed" };
  if (!room.hasEncryptionStateEvent()) return { at: "yes" };
  const changed = await changedIn(client, room);
  if (changed.length === 0) return { at: "yes" };
  const people = changed.map((one) => ({ ...one, name: room.getMember(one.userId)?.name ?? one.userId }));
  return { at: "new-keys", people };
}

/** A room's answer, kept up to date while it is followed. */
export class RoomIdentity {
  readonly store: StoreApi<MayWrite> = createStore<MayWrite>(() => ({ at: "yes" }));

  constructor(
    private readonly client: MatrixClient,
    private readonly room: Room,
  ) {}

  follow(): () => void {
    const { client } = this;
    const update = soon(() => void this.look());
    const unfollow = safety.subscribe(update);
    client.on(CryptoEvent.UserTrustStatusChanged, update);
    client.on(RoomMemberEvent.Membership, update);
    void this.look();
    return () => {
      unfollow();
      client.off(CryptoEvent.UserTrustStatusChanged, update);
      client.off(RoomMemberEvent.Membership, update);
    };
  }

  /** Write to them all the same. */
  async accept(people: NewKeys[]): Promise<void> {
    for (const person of people) await acceptKeys(this.client, person);
    await this.look();
  }

  private async look(): Promise<void> {
    this.store.setState(await mayWrite(this.client, this.room), true);
  }
}
