/**
 * A room's messages as they are shown: what came, what is on its way, what could not be sent.
 *
 * 1. A message in clear in an encrypted room is never shown as a message (threat `identity`).
 * 2. What cannot be decrypted says why, in the person's words, and is shown when its key comes.
 */

import {
  EventStatus,
  type MatrixClient,
  type MatrixEvent,
  MatrixEventEvent,
  type Room,
  RoomEvent,
} from "matrix-js-sdk";
import { DecryptionFailureCode } from "matrix-js-sdk/lib/crypto-api";
import { createStore, type StoreApi } from "zustand/vanilla";

import { soon } from "../platform/soon.ts";

export type Sending = "sent" | "sending" | "waiting" | "failed";

interface Common {
  id: string;
  sender: string;
  senderName: string;
  at: number;
  isOwn: boolean;
}

export type Item =
  | (Common & { kind: "text"; body: string; html?: string; sending: Sending; isEdited: boolean })
  | (Common & { kind: "file"; name: string; event: MatrixEvent; sending: Sending })
  | (Common & { kind: "gone" })
  | (Common & { kind: "sealed"; why: "no-key" | "unsigned-device" | "before-me" | "other" })
  | (Common & { kind: "in-clear" })
  | (Common & { kind: "notice"; what: "joined" | "left" | "invited" | "named" | "made"; about: string });

export interface Timeline {
  items: Item[];
  /** Whether older messages can be asked for. */
  hasOlder: boolean;
}

const MORE = 40;
const FILES = new Set(["m.image", "m.video", "m.audio", "m.file"]);

export class RoomTimeline {
  readonly store: StoreApi<Timeline> = createStore<Timeline>(() => ({ items: [], hasOlder: true }));

  constructor(
    private readonly client: MatrixClient,
    private readonly room: Room,
  ) {
    this.show();
  }

  /** Keep it up to date, until what is given back is called. */
  follow(): () => void {
    const { client, room } = this;
    const update = soon(() => this.show());
    const own = (event: MatrixEvent): void => {
      if (event.getRoomId() === room.roomId) update();
    };
    room.on(RoomEvent.Timeline, update);
    room.on(RoomEvent.LocalEchoUpdated, update);
    room.on(RoomEvent.Redaction, update);
    room.on(RoomEvent.TimelineReset, update);
    client.on(MatrixEventEvent.Decrypted, own);
    client.on(MatrixEventEvent.Replaced, own);
    update();
    return () => {
      room.off(RoomEvent.Timeline, update);
      room.off(RoomEvent.LocalEchoUpdated, update);
      room.off(RoomEvent.Redaction, update);
      room.off(RoomEvent.TimelineReset, update);
      client.off(MatrixEventEvent.Decrypted, own);
      client.off(MatrixEventEvent.Replaced, own);
    };
  }

  /** Ask for older messages. */
  async older(): Promise<void> {
    const timeline = this.room.getLiveTimeline();
    await this.client.paginateEventTimeline(timeline, { backwards: true, limit: MORE });
    this.show();
  }

  private show(): void {
    const timeline = this.room.getLiveTimeline();
    const events = [...timeline.getEvents(), ...this.room.getPendingEvents()];
    const items = events.flatMap((event) => this.itemOf(event) ?? []);
    this.store.setState({ items, hasOlder: timeline.getPaginationToken("b" as never) !== null }, true);
  }

  private itemOf(event: MatrixEvent): Item | undefined {
    const sender = event.getSender() ?? "";
    const common: Common = {
      id: event.getTxnId() ?? event.getId() ?? "",
      sender,
      senderName: event.sender?.name ?? sender,
      at: event.getTs(),
      isOwn: sender === this.client.getUserId(),
    };
    if (event.isState()) return noticeOf(event, common);
    if (event.isRelation("m.replace") || event.isRelation("m.annotation")) return undefined;
    if (event.isRedacted()) return { ...common, kind: "gone" };
    if (event.isDecryptionFailure()) return { ...common, kind: "sealed", why: whyOf(event) };
    if (event.isBeingDecrypted() || event.getType() === "m.room.encrypted") return undefined;
    if (event.getType() !== "m.room.message") return undefined;
    if (!event.isEncrypted() && !event.status) return { ...common, kind: "in-clear" }; // 1
    const content = event.getContent();
    const sending = sendingOf(event);
    const body = String(content["body"] ?? "");
    if (FILES.has(String(content["msgtype"]))) {
      return { ...common, kind: "file", name: String(content["filename"] ?? body), event, sending };
    }
    const isHtml = content["format"] === "org.matrix.custom.html";
    const html = isHtml ? String(content["formatted_body"] ?? "") : "";
    const isEdited = event.replacingEventId() !== undefined;
    return { ...common, kind: "text", body, sending, isEdited, ...(html && { html }) };
  }
}

function sendingOf(event: MatrixEvent): Sending {
  switch (event.status) {
    case null:
    case EventStatus.SENT:
      return "sent";
    case EventStatus.NOT_SENT:
      return "failed";
    case EventStatus.QUEUED:
      return "waiting";
    default:
      return "sending";
  }
}

const UNSIGNED = new Set<unknown>([
  DecryptionFailureCode.UNSIGNED_SENDER_DEVICE,
  DecryptionFailureCode.UNKNOWN_SENDER_DEVICE,
  DecryptionFailureCode.SENDER_IDENTITY_PREVIOUSLY_VERIFIED,
]);

function whyOf(event: MatrixEvent): "no-key" | "unsigned-device" | "before-me" | "other" {
  const code = event.decryptionFailureReason;
  if (UNSIGNED.has(code)) return "unsigned-device";
  if (code === DecryptionFailureCode.HISTORICAL_MESSAGE_USER_NOT_JOINED) return "before-me";
  if (code === DecryptionFailureCode.MEGOLM_UNKNOWN_INBOUND_SESSION_ID) return "no-key";
  return "other";
}

function noticeOf(event: MatrixEvent, common: Common): Item | undefined {
  const about = event.getStateKey() ?? "";
  const told = { ...common, kind: "notice" as const, about };
  switch (event.getType()) {
    case "m.room.create":
      return { ...told, what: "made" };
    case "m.room.name":
      return { ...told, what: "named", about: String(event.getContent()["name"] ?? "") };
    case "m.room.member":
      return memberNotice(event, told);
    default:
      return undefined;
  }
}

function memberNotice(
  event: MatrixEvent,
  told: Common & { kind: "notice"; about: string },
): Item | undefined {
  const now = event.getContent()["membership"] as string;
  if (now === event.getPrevContent()["membership"]) return undefined;
  const what = { join: "joined", leave: "left", ban: "left", invite: "invited" } as const;
  return now in what ? { ...told, what: what[now as keyof typeof what] } : undefined;
}
