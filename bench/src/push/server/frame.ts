import {
  type JsonObject,
  type Message,
  NOTIFICATIONS,
  ORDERING_EXTENSION,
  type RequestId,
  SUBSCRIPTION_ID,
} from "@mcp-events/protocol";
import { measured, type Payload } from "../event";

const EPOCH = 1_760_000_000_000;

/** The first message of a stream. */
export function activeFrame(requestId: RequestId): Message {
  return {
    method: NOTIFICATIONS.active,
    params: { cursor: cursorOf(0), truncated: false, _meta: { [SUBSCRIPTION_ID]: requestId } },
  };
}

/** An event with the same members, of the same lengths, as the event server writes. */
export function eventFrame(payload: Payload, requestId: RequestId): Message {
  const seq = payload.n + 1;
  const params: JsonObject = {
    eventId: `3f1c2b7e-8d4a-4c9b-a1e5-${String(seq).padStart(12, "0")}`,
    name: measured.name,
    timestamp: "2026-01-01T00:00:00.000Z",
    data: payload,
    cursor: cursorOf(seq),
    _meta: {
      [ORDERING_EXTENSION]: { log: "events", epoch: EPOCH, seq, prev: seq - 1 },
      [SUBSCRIPTION_ID]: requestId,
    },
  };
  return { method: NOTIFICATIONS.event, params };
}

function cursorOf(seq: number): string {
  return `1WyJldmVudHMiLDE3NjAwMDAwMDAwMD${seq.toString(36).padStart(8, "0")}`;
}

/** A message as JSON-RPC. */
export function frameJson({ method, params }: Message): string {
  return JSON.stringify({ jsonrpc: "2.0", method, params });
}
