import type { Outgoing, ReadItem } from "@mcp-events/ordering";
import {
  type JsonObject,
  ORDERING_EXTENSION,
  type WebhookMessage,
  type WireErrorObject,
} from "@mcp-events/protocol";
import { randomEventId } from "../emit/event-id";
import type { Feed } from "../subscriptions/feed";

/** What stands in a lane: an item of the view, or `undefined` where retention overtook the subscription. */
export type Posted = ReadItem | undefined;

/** What can stand in a header and is the same text for both sides; an `eventId` may be any text. */
const HEADER_TEXT = /^[\x21-\x7e]+$/;

/** How far everything is settled, as a body is made. */
export interface SettledNow {
  readonly through: number;
  readonly last: number;
}

/** Makes what is posted to one subscription: occurrences, and control envelopes (HOOK-9 to HOOK-11). */
export class WebhookBodies {
  #tag: string | undefined;

  constructor(
    private readonly subscriptionId: string,
    private readonly webhookId: "event" | "message",
    private readonly random: () => number,
    private readonly feed: Feed,
  ) {}

  /**
   * An event, or the gap in its place.
   *
   * @param isLowest - Everything before it is settled, so its cursor may be its own position (ORDERING rule 13).
   */
  of(outgoing: Outgoing<Posted>, settled: SettledNow, isLowest: boolean): WebhookMessage {
    const { item, gap, seq } = outgoing;
    if (item === undefined) return this.#positionGap(seq);
    if (gap) return this.#gapInPlace(outgoing, item, settled, isLowest);
    const body = this.feed.occurrence(item);
    body.cursor = this.#cursor(item, settled, isLowest);
    mark(body._meta, outgoing, settled);
    return { id: this.#idOf(item, seq), body: JSON.stringify(body) };
  }

  #idOf({ entry: { eventId } }: ReadItem, seq: number): string {
    const isItself = this.webhookId === "event" && HEADER_TEXT.test(eventId);
    return isItself ? eventId : this.#eventMessageId(seq);
  }

  /** The end of the subscription; everything at or before `through` was settled before it (ORDERING rule 9). */
  terminated(error: WireErrorObject, through: number): WebhookMessage {
    const body = { type: "terminated", error, _meta: this.feed.positionMeta(through) };
    return { id: this.#messageId("terminated", through), body: JSON.stringify(body) };
  }

  /** Retention took what lies before `through`. */
  #positionGap(through: number): WebhookMessage {
    const feed = this.feed;
    const body = { type: "gap", cursor: feed.cursor(through), _meta: feed.positionMeta(through) };
    return { id: this.#messageId("gap", through), body: JSON.stringify(body) };
  }

  #gapInPlace(
    outgoing: Outgoing<Posted>,
    item: ReadItem,
    settled: SettledNow,
    isLowest: boolean,
  ): WebhookMessage {
    const { _meta } = this.feed.occurrence(item);
    const marks = { [ORDERING_EXTENSION]: _meta[ORDERING_EXTENSION] };
    mark(marks, outgoing, settled);
    const body = { type: "gap", cursor: this.#cursor(item, settled, isLowest), _meta: marks };
    return { id: this.#messageId("gap", outgoing.seq), body: JSON.stringify(body) };
  }

  #cursor(item: ReadItem, settled: SettledNow, isLowest: boolean): string | null {
    return isLowest ? this.feed.cursorAfter(item) : this.feed.cursor(settled.through);
  }

  /** The same for every attempt at one envelope, and never again for another one (HOOK-11). */
  #messageId(type: string, seq: number): string {
    this.#tag ??= randomEventId(this.random);
    return `msg_${type}_${this.#tag}-${seq.toString(36)}`;
  }

  /** The same for every attempt at one event, after a restart too. */
  #eventMessageId(seq: number): string {
    const epoch = this.feed.epoch.toString(36);
    return `msg_event_${this.subscriptionId.slice(4, 20)}-${epoch}-${seq.toString(36)}`;
  }
}

/** Completes an event's place by what only the sender of a webhook knows: how far everything before it is settled. */
function mark(meta: JsonObject, { keyPrev }: Outgoing<Posted>, { last }: SettledNow): void {
  const place = meta[ORDERING_EXTENSION] as JsonObject;
  place.settled = last;
  if (keyPrev !== undefined) place.keyPrev = Math.max(keyPrev, last);
}
