import {
  type JsonObject,
  METHODS,
  type Message,
  NOTIFICATIONS,
  ORDERING_EXTENSION,
  type WireError,
} from "@mcp-events/protocol";
import type { SubscriptionItem } from "../items";
import type { FakeConnection } from "./fake-connection";

const ordering = (value: JsonObject) => ({ [ORDERING_EXTENSION]: value });

/** The cursor of the scripted server at a position. */
export const cursorAt = (seq: number, epoch = 1) => `c${epoch}:${seq}`;

export function positionMeta(through: number, epoch = 1): JsonObject {
  return ordering({ log: "events", epoch, through });
}

/** An occurrence without cursor. */
export function occurrence(seq: number, prev = seq - 1, extra: JsonObject = {}): JsonObject {
  return {
    eventId: `e${seq}`,
    name: "note.created",
    timestamp: "2026-01-01T00:00:00.000Z",
    data: { n: seq },
    _meta: ordering({ log: "events", epoch: 1, seq, prev, ...extra }),
  };
}

export function active(through: number, options: { truncated?: boolean; epoch?: number } = {}): Message {
  const { truncated = false, epoch = 1 } = options;
  return {
    method: NOTIFICATIONS.active,
    params: { cursor: cursorAt(through, epoch), truncated, _meta: positionMeta(through, epoch) },
  };
}

export function event(seq: number, prev = seq - 1, extra: JsonObject = {}): Message {
  const epoch = (extra.epoch as number | undefined) ?? 1;
  return {
    method: NOTIFICATIONS.event,
    params: { ...occurrence(seq, prev, extra), cursor: cursorAt(seq, epoch) },
  };
}

export function heartbeat(through: number): Message {
  return {
    method: NOTIFICATIONS.heartbeat,
    params: { cursor: cursorAt(through), _meta: positionMeta(through) },
  };
}

export function terminated(error: WireError, through: number): Message {
  return {
    method: NOTIFICATIONS.terminated,
    params: { error: error.toWire("sep-3415"), _meta: positionMeta(through) },
  };
}

export function page(
  seqs: readonly (readonly [seq: number, prev: number])[],
  through: number,
  rest: JsonObject = {},
): JsonObject {
  const events = seqs.map(([seq, prev]) => occurrence(seq, prev));
  return {
    events,
    cursor: cursorAt(through),
    truncated: false,
    hasMore: false,
    _meta: positionMeta(through),
    ...rest,
  };
}

/** Lists one event type. */
export function lists(
  connection: FakeConnection,
  delivery: readonly string[] = ["push", "poll"],
  guarantee = "subscription",
): void {
  const descriptor = {
    name: "note.created",
    description: "",
    delivery,
    inputSchema: { type: "object" },
    payloadSchema: { type: "object" },
    _meta: ordering({ log: "events", guarantee }),
  };
  connection.handlers.set(METHODS.list, () => ({ events: [descriptor] }));
}

/** Items as a test writes them: the number of an event, `reason(from,to]` of a gap. */
export function show(item: SubscriptionItem<unknown>): number | string {
  if (item.kind === "event") return (item.data as { n: number }).n;
  return `${item.reason}(${item.from?.seq ?? "?"},${item.to?.seq ?? "?"}]`;
}
