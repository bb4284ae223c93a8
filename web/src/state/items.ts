/**
 * From events to what is shown of them.
 *
 * 1. A message in clear in an encrypted room is never shown as a message (threat `identity`).
 * 2. What cannot be decrypted says why, in the person's words, and is shown when its key comes.
 */

import { EventStatus, type MatrixEvent, type Room } from "matrix-js-sdk";
import { DecryptionFailureCode } from "matrix-js-sdk/lib/crypto-api";

import { waiting } from "./outbox.ts";

export type Sending = "sent" | "sending" | "waiting" | "failed";
export type Sealed = "no-key" | "unsigned-device" | "before-me" | "other";

export interface Reaction {
  key: string;
  count: number;
  /** Names of who reacted, oneself left out. */
  names: string[];
  /** One's own, to take it back. */
  ownId?: string;
}

export interface Quoted {
  id: string;
  senderName: string;
  /** Undefined while it is not known. */
  text?: string;
}

interface Common {
  id: string;
  event: MatrixEvent;
  sender: string;
  senderName: string;
  at: number;
  isOwn: boolean;
}

export interface Said {
  sending: Sending;
  isEdited: boolean;
  reactions: Reaction[];
  quoted?: Quoted;
  /** How many messages the thread has that begins here. */
  threadCount: number;
}

export type Item =
  | (Common & Said & { kind: "text"; body: string; html?: string; isEmote: boolean })
  | (Common & Said & { kind: "file"; name: string })
  | (Common & { kind: "gone" })
  | (Common & { kind: "sealed"; why: Sealed })
  | (Common & { kind: "in-clear" })
  | (Common & { kind: "notice"; what: Notice; about: string });

export type Notice = "joined" | "left" | "removed" | "invited" | "named" | "made" | "pictured" | "topic";

const FILES = new Set(["m.image", "m.video", "m.audio", "m.file"]);
const UNSIGNED = new Set<unknown>([
  DecryptionFailureCode.UNSIGNED_SENDER_DEVICE,
  DecryptionFailureCode.UNKNOWN_SENDER_DEVICE,
  DecryptionFailureCode.SENDER_IDENTITY_PREVIOUSLY_VERIFIED,
]);

/** What is shown of an event; undefined when it is nothing by itself. */
export function itemOf(room: Room, event: MatrixEvent): Item | undefined {
  const sender = event.getSender() ?? "";
  const common: Common = {
    id: event.getUnsigned().transaction_id ?? event.getTxnId() ?? event.getId() ?? "",
    event,
    sender,
    senderName: nameOf(room, sender),
    at: event.getTs(),
    isOwn: sender === room.myUserId,
  };
  if (event.isState()) return noticeOf(event, common, room);
  if (event.isRelation("m.replace") || event.isRelation("m.annotation")) return undefined;
  if (event.isRedacted()) return { ...common, kind: "gone" };
  if (event.isDecryptionFailure()) return { ...common, kind: "sealed", why: whySealed(event) }; // 2
  if (event.isBeingDecrypted() || event.getType() === "m.room.encrypted") return undefined;
  if (event.getType() !== "m.room.message") return undefined;
  if (event.getContent()["msgtype"] === "m.key.verification.request") return undefined;
  if (!event.isEncrypted() && !event.status) return { ...common, kind: "in-clear" }; // 1
  const content = event.getContent();
  const said = { ...common, ...saidOf(room, event) };
  const body = String(content["body"] ?? "");
  if (FILES.has(String(content["msgtype"]))) {
    return { ...said, kind: "file", name: String(content["filename"] ?? body) };
  }
  const isHtml = content["format"] === "org.matrix.custom.html";
  const html = isHtml ? String(content["formatted_body"] ?? "") : "";
  const isEmote = content["msgtype"] === "m.emote";
  return { ...said, kind: "text", body, isEmote, ...(html && { html }) };
}

/** What a person is called in a room. */
export function nameOf(room: Room, userId: string): string {
  return room.getMember(userId)?.name ?? userId;
}

function saidOf(room: Room, event: MatrixEvent): Said {
  const quoted = quotedOf(room, event);
  return {
    sending: sendingOf(event),
    isEdited: event.replacingEventId() !== undefined,
    reactions: reactionsOf(room, event),
    threadCount: event.isThreadRoot ? (event.getThread()?.length ?? 0) : 0,
    ...(quoted && { quoted }),
  };
}

function sendingOf(event: MatrixEvent): Sending {
  if (event.status === null || event.status === EventStatus.SENT) return "sent";
  if (event.status !== EventStatus.NOT_SENT) return "sending";
  return waiting.getState().has(event.getTxnId() ?? "") ? "waiting" : "failed";
}

function reactionsOf(room: Room, event: MatrixEvent): Reaction[] {
  const id = event.getId();
  if (!id) return [];
  const related = room.relations.getChildEventsForEvent(id, "m.annotation", "m.reaction");
  return (related?.getSortedAnnotationsByKey() ?? []).flatMap(([key, events]) => {
    const there = [...events].filter((each) => !each.isRedacted());
    if (there.length === 0) return [];
    const own = there.find((each) => each.getSender() === room.myUserId);
    const others = there.filter((each) => each !== own);
    const names = others.map((each) => nameOf(room, each.getSender() ?? ""));
    const ownId = own?.getId();
    return [{ key, count: there.length, names, ...(ownId && { ownId }) }];
  });
}

function quotedOf(room: Room, event: MatrixEvent): Quoted | undefined {
  const id = event.replyEventId;
  const isOnlyThread = event.threadRootId !== undefined && event.isRelation("m.thread");
  const isFallback = event.getWireContent()["m.relates_to"]?.["is_falling_back"] !== false;
  if (!id || (isOnlyThread && isFallback)) return undefined;
  const original = room.findEventById(id);
  if (!original) return { id, senderName: "" };
  const senderName = nameOf(room, original.getSender() ?? "");
  const isReadable = !original.isRedacted() && original.getType() === "m.room.message";
  const text = isReadable ? String(original.getContent()["body"] ?? "") : undefined;
  return { id, senderName, ...(text !== undefined && { text: text.slice(0, 300) }) };
}

function whySealed(event: MatrixEvent): Sealed {
  const code = event.decryptionFailureReason;
  if (UNSIGNED.has(code)) return "unsigned-device";
  if (code === DecryptionFailureCode.HISTORICAL_MESSAGE_USER_NOT_JOINED) return "before-me";
  if (code === DecryptionFailureCode.MEGOLM_UNKNOWN_INBOUND_SESSION_ID) return "no-key";
  return "other";
}

function noticeOf(event: MatrixEvent, common: Common, room: Room): Item | undefined {
  const told = { ...common, kind: "notice" as const, about: "" };
  const name = String(event.getContent()["name"] ?? "");
  switch (event.getType()) {
    case "m.room.create":
      return { ...told, what: "made" };
    case "m.room.name":
      return name ? { ...told, what: "named", about: name } : undefined;
    case "m.room.avatar":
      return { ...told, what: "pictured" };
    case "m.room.topic":
      return { ...told, what: "topic" };
    case "m.room.member":
      if (event.getStateKey() === room.getCreator() && event.getSender() === room.getCreator()) {
        return undefined; // who began it is in it
      }
      return memberNotice(event, { ...told, about: nameOf(room, event.getStateKey() ?? "") });
    default:
      return undefined;
  }
}

function memberNotice(
  event: MatrixEvent,
  told: Common & { kind: "notice"; about: string },
): Item | undefined {
  const now = String(event.getContent()["membership"]);
  if (now === event.getPrevContent()["membership"]) return undefined;
  if (now === "join") return { ...told, what: "joined" };
  if (now === "invite") return { ...told, what: "invited" };
  const isByThemselves = event.getSender() === event.getStateKey();
  return { ...told, what: isByThemselves && now === "leave" ? "left" : "removed" };
}
