import type { ReadItem } from "@mcp-events/ordering";
import {
  type JsonObject,
  type Message,
  NOTIFICATIONS,
  type RequestId,
  SUBSCRIPTION_ID,
} from "@mcp-events/protocol";
import type { Feed } from "../subscriptions/feed";

/** Makes the messages of one stream; each names its request (PUSH-3). */
export class StreamMessages {
  constructor(
    private readonly feed: Feed,
    private readonly requestId: RequestId,
  ) {}

  /** The start of delivery, or after a gap the place where it goes on (PUSH-2, PUSH-6). */
  active(through: number, truncated: boolean): Message {
    return {
      method: NOTIFICATIONS.active,
      params: { cursor: this.feed.cursor(through), truncated, _meta: this.meta(through) },
    };
  }

  event(item: ReadItem): Message {
    const params = this.feed.occurrence(item);
    params.cursor = this.feed.cursor(item.entry.seq);
    params._meta[SUBSCRIPTION_ID] = this.requestId;
    return { method: NOTIFICATIONS.event, params };
  }

  /** Everything of the view up to `through` went before it (PUSH-4, ORDERING rule 7). */
  heartbeat(through: number): Message {
    return {
      method: NOTIFICATIONS.heartbeat,
      params: { cursor: this.feed.cursor(through), _meta: this.meta(through) },
    };
  }

  /** Something failed, and the stream goes on (PUSH-5). */
  error(error: object): Message {
    return { method: NOTIFICATIONS.error, params: { error, _meta: { [SUBSCRIPTION_ID]: this.requestId } } };
  }

  /** The end (PUSH-5). */
  terminated(error: object, meta: JsonObject): Message {
    return { method: NOTIFICATIONS.terminated, params: { error, _meta: meta } };
  }

  /** `_meta` of a message, or of the final result, at a position. */
  meta(through: number): JsonObject {
    const meta = this.feed.positionMeta(through);
    meta[SUBSCRIPTION_ID] = this.requestId;
    return meta;
  }
}
