/** A room's messages, or a thread's: what came, what is on its way, what could not be sent. */

import {
  Direction,
  type EventTimelineSet,
  type MatrixClient,
  type MatrixEvent,
  MatrixEventEvent,
  type Room,
  RoomEvent,
  ThreadEvent,
} from "matrix-js-sdk";
import { createStore, type StoreApi } from "zustand/vanilla";

import { soon } from "../platform/soon.ts";
import { type Item, itemOf } from "./items.ts";
import { waiting } from "./outbox.ts";

export interface Timeline {
  items: Item[];
  /** Whether older messages can be asked for. */
  hasOlder: boolean;
  /** The first message that was not read when the conversation was opened. */
  firstUnread: string | undefined;
}

const MORE = 40;

export class RoomTimeline {
  readonly store: StoreApi<Timeline>;
  private readonly firstUnread: string | undefined;
  private asking: Promise<void> | undefined;

  constructor(
    private readonly client: MatrixClient,
    private readonly room: Room,
    private readonly threadId?: string,
  ) {
    this.firstUnread = threadId === undefined ? firstUnreadOf(room) : undefined;
    this.store = createStore<Timeline>(() => this.now());
  }

  /** Keep it up to date, until what is given back is called. */
  follow(): () => void {
    const { client, room } = this;
    const update = soon(() => this.store.setState(this.now(), true));
    const own = (event: MatrixEvent): void => {
      if (event.getRoomId() === room.roomId) update();
    };
    const ofRoom = [
      RoomEvent.Timeline,
      RoomEvent.LocalEchoUpdated,
      RoomEvent.Redaction,
      RoomEvent.TimelineReset,
      ThreadEvent.New,
      ThreadEvent.Update,
      ThreadEvent.NewReply,
    ] as const;
    for (const name of ofRoom) room.on(name as RoomEvent.Redaction, update);
    client.on(MatrixEventEvent.Decrypted, own);
    client.on(MatrixEventEvent.Replaced, own);
    const stop = waiting.subscribe(update);
    update();
    return () => {
      for (const name of ofRoom) room.off(name as RoomEvent.Redaction, update);
      client.off(MatrixEventEvent.Decrypted, own);
      client.off(MatrixEventEvent.Replaced, own);
      stop();
    };
  }

  /** Ask for older messages, one question at a time. */
  older(): Promise<void> {
    this.asking ??= this.askOlder().finally(() => (this.asking = undefined));
    return this.asking;
  }

  private async askOlder(): Promise<void> {
    const timeline = this.set()?.getLiveTimeline();
    if (!timeline || timeline.getPaginationToken(Direction.Backward) === null) return;
    await this.client
      .paginateEventTimeline(timeline, { backwards: true, limit: MORE })
      .catch(() => undefined); // the server is away: asked again by the next scroll
    this.store.setState(this.now(), true);
  }

  private set(): EventTimelineSet | undefined {
    if (this.threadId === undefined) return this.room.getUnfilteredTimelineSet();
    return this.room.getThread(this.threadId)?.timelineSet;
  }

  private now(): Timeline {
    const timeline = this.set()?.getLiveTimeline();
    const events = [...(timeline?.getEvents() ?? []), ...this.pending()];
    const items = events.flatMap((event) => itemOf(this.room, event) ?? []);
    const token = timeline?.getPaginationToken(Direction.Backward) ?? null;
    return { items, hasOlder: token !== null, firstUnread: this.firstUnread };
  }

  private pending(): MatrixEvent[] {
    return this.room.getPendingEvents().filter((event) => event.threadRootId === this.threadId);
  }
}

function firstUnreadOf(room: Room): string | undefined {
  const readUpto = room.getEventReadUpTo(room.myUserId);
  const events = room.getLiveTimeline().getEvents();
  const at = events.findIndex((event) => event.getId() === readUpto);
  if (at < 0) return undefined;
  const unread = events.slice(at + 1).filter((event) => !event.isState());
  return unread.find((event) => event.getSender() !== room.myUserId)?.getId();
}
