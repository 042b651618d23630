import { isJsonObject, type JsonObject } from "./json";

/** The errors that the events extension puts on the wire, by name. */
export type WireErrorName =
  | "InvalidParams"
  | "NotFound"
  | "Forbidden"
  | "ResourceExhausted"
  | "Unsupported"
  | "CallbackEndpointError"
  | "InternalError";

/** Which numbers the error names have on the wire: SEP-3415's, or those of the sketch that came before it. */
export type Profile = "sep-3415" | "sketch";

/** Wire codes by profile. Every number that can drift between revisions stands here and nowhere else. */
export const WIRE_CODES: Readonly<Record<Profile, Readonly<Record<WireErrorName, number>>>> = {
  "sep-3415": {
    InvalidParams: -32602,
    NotFound: -32023,
    Forbidden: -32024,
    ResourceExhausted: -32025,
    Unsupported: -32026,
    CallbackEndpointError: -32027,
    InternalError: -32603,
  },
  sketch: {
    InvalidParams: -32602,
    NotFound: -32011,
    Forbidden: -32012,
    ResourceExhausted: -32013,
    Unsupported: -32014,
    CallbackEndpointError: -32015,
    InternalError: -32603,
  },
};

const NAMES = new Map<number, WireErrorName>(
  Object.values(WIRE_CODES).flatMap((codes) =>
    Object.entries(codes).map(([name, code]) => [code, name as WireErrorName] as const),
  ),
);

/** The name of a wire code of either profile; `undefined` for a code of neither. */
export function wireErrorName(code: number): WireErrorName | undefined {
  return NAMES.get(code);
}

/** An error as it stands on the wire: in JSON-RPC responses, `error` and `terminated` messages. */
export interface WireErrorObject {
  code: number;
  message: string;
  data?: JsonObject | undefined;
}

const WIRE_BRAND = Symbol.for("mcp-events.WireError");
const LOCAL_BRAND = Symbol.for("mcp-events.EventsError");

/** An error that a peer sends or is sent, named as in the contract; the number is chosen by the profile when it leaves. */
export class WireError extends Error {
  override readonly name = "WireError";
  readonly [WIRE_BRAND] = true;
  /** Whether the same request can succeed later without a change. */
  readonly retryable: boolean;

  constructor(
    /** The error's name in the contract. */
    readonly error: WireErrorName,
    message: string,
    /** What the contract lets a client branch on, such as `{kind: "event"}`. */
    readonly data?: JsonObject | undefined,
    options?: { cause?: unknown },
  ) {
    super(message, options);
    this.retryable = error === "InternalError" || error === "ResourceExhausted";
  }

  /** Recognises a {@link WireError} of any copy of this package. */
  static is(value: unknown): value is WireError {
    return isBranded(value, WIRE_BRAND);
  }

  /** The object that goes on the wire, numbered by the profile. */
  toWire(profile: Profile): WireErrorObject {
    const wire: WireErrorObject = { code: WIRE_CODES[profile][this.error], message: this.message };
    if (this.data !== undefined) wire.data = this.data;
    return wire;
  }

  /** Reads an error object of either profile; a code of neither becomes `InternalError` and keeps its number in `data.code`. */
  static fromWire(wire: { code: number; message: string; data?: unknown }): WireError {
    const data = isJsonObject(wire.data) ? wire.data : undefined;
    const name = wireErrorName(wire.code);
    if (name !== undefined) return new WireError(name, wire.message, data);
    return new WireError("InternalError", wire.message, { ...data, code: wire.code });
  }
}

/** Stable codes of the errors that this library raises locally; they never travel. */
export type EventsErrorCode =
  | "schema_unusable"
  | "schema_invalid"
  | "payload_invalid"
  | "payload_too_large"
  | "event_id_conflict"
  | "event_unknown"
  | "event_duplicate"
  | "option_invalid"
  | "append_failed"
  | "append_conflict"
  | "attach_failed"
  | "closed"
  | "no_compatible_delivery_mode"
  | "gap"
  | "stream_ended"
  | "stream_overflow"
  | "position_store_failed"
  | "store_failed"
  | "store_in_use"
  | "store_unusable"
  | "transport_failed"
  | "not_an_events_server"
  | "timed_out";

/** An error raised on this side: a wrong option, a payload that does not fit, a connection that broke. */
export class EventsError extends Error {
  override readonly name = "EventsError";
  readonly [LOCAL_BRAND] = true;
  /** Whether the same call can succeed later without a change. */
  readonly retryable: boolean;

  constructor(
    /** Stable, for programs; the message is for people. */
    readonly code: EventsErrorCode,
    message: string,
    options?: { cause?: unknown; retryable?: boolean },
  ) {
    super(message, options);
    this.retryable = options?.retryable ?? false;
  }

  /** Recognises an {@link EventsError} of any copy of this package. */
  static is(value: unknown): value is EventsError {
    return isBranded(value, LOCAL_BRAND);
  }
}

function isBranded(value: unknown, brand: symbol): boolean {
  return typeof value === "object" && value !== null && (value as Record<symbol, unknown>)[brand] === true;
}
