import type { Awaitable } from "@mcp-events/ordering";
import type { DeliveryMode, Guarantee, JsonObject, SchemaLike } from "@mcp-events/protocol";

/** Who is asking. */
export interface Caller {
  /** The authenticated subject; `null` for an anonymous caller. */
  readonly principal: string | null;
  /** What the SDK's authentication handed over, untouched. */
  readonly authInfo: unknown;
  /** The MCP session of the request, where the transport has sessions; unknown once the process was restarted. */
  readonly sessionId?: string | undefined;
}

/** What hooks are told of a subscription. */
export interface SubscriptionInfo<Arguments = JsonObject> {
  readonly mode: DeliveryMode;
  readonly principal: string | null;
  readonly name: string;
  readonly arguments: Arguments;
}

/** What `check` is told besides the arguments and the upstream's cursor. */
export interface CheckContext {
  /** For whom the upstream is asked; `null` for an anonymous caller, and when the answer is the same for all. */
  readonly principal: string | null;
  /** The authentication of the subscriber for whom the poller was started; `undefined` with `sharedCheck`. */
  readonly authInfo: unknown;
  readonly name: string;
  /** Aborts when the last subscriber left, the call took too long or the server closes. */
  readonly signal: AbortSignal;
}

/** One event as an upstream tells it. */
export interface CheckedEvent<Payload = JsonObject> {
  readonly data: Payload;
  /** The upstream's own stable id (OCC-2). */
  readonly eventId?: string | undefined;
  /** ISO 8601; default: now. */
  readonly timestamp?: string | Date | undefined;
  readonly orderingKey?: string | undefined;
  readonly meta?: JsonObject | undefined;
}

/** What an upstream answers to "what changed since `cursor`". */
export interface CheckResult<Payload = JsonObject> {
  /** In the upstream's order. */
  readonly events: readonly CheckedEvent<Payload>[];
  /** What to ask from next; at most 4,096 characters. */
  readonly cursor: string | null;
  /** The upstream skipped events since the cursor it was asked from. */
  readonly truncated?: boolean | undefined;
  /** There is more to fetch at once. */
  readonly hasMore?: boolean | undefined;
  /** When to ask again, in milliseconds. */
  readonly nextCheckMs?: number | undefined;
}

/** Options of `events.register`. */
export interface RegisterOptions<Arguments = JsonObject, Payload = JsonObject> {
  /** Modes offered; default `["push", "poll"]`, and `"webhook"` on a server with a transport that posts webhooks. */
  delivery?: readonly DeliveryMode[] | undefined;
  /** Name of the log; types of one log share its numbers and can be merged (ORD-5). Default `events`. */
  log?: string | undefined;
  /**
   * Whether a subscription can go on from a cursor; default true. Without replay every cursor is `null`, nothing is
   * `truncated`, push delivers what happens while it is open, and poll only what happens during a long poll: a poll
   * without a cursor is "from now", and the server remembers nothing between polls (CUR-3, POLL-2).
   */
  replay?: boolean | undefined;
  /** The line an event belongs to (ORD-1); overridden by `orderingKey` of `emit`. */
  orderingKey?: ((payload: Payload) => string | undefined) | undefined;
  /** What order is promised; default `key` with {@link orderingKey}, else `subscription`. */
  guarantee?: Guarantee | undefined;
  /** Which events a subscription gets; a function of payload and arguments alone (ORDERING rule 5). Default: all. */
  match?: ((payload: Payload, args: Arguments) => Awaitable<boolean>) | undefined;
  /** The payload as a subscription gets it; a function of payload and arguments alone (ORDERING rule 5). */
  transform?: ((payload: Payload, args: Arguments) => Awaitable<Payload>) | undefined;
  /**
   * Asks an upstream what changed since `cursor` (`null`: from now). Called once for all equal subscriptions, never
   * while a call is under way. Without a `cursorKey` the cursor may be forged by a client: treat it as input.
   */
  check?:
    | ((ctx: CheckContext, args: Arguments, cursor: string | null) => Promise<CheckResult<Payload>>)
    | undefined;
  /** The upstream's answer is the same for every principal; default false. */
  sharedCheck?: boolean | undefined;
  /** How often {@link check} is asked, in milliseconds; default the server's `checkMs`. */
  checkMs?: number | undefined;
  /** Whether a caller may subscribe; asked at subscribe time and every `reauthorizeMs` (AUTH-1, AUTH-2). */
  authorize?: ((ctx: Caller, name: string, args: Arguments) => Awaitable<boolean>) | undefined;
  /**
   * Whether nothing will be emitted any more for these arguments. A subscription of which that is so gets everything
   * that was emitted before, and then ends with NotFound `{kind: "subscription", reason: "finished"}`. Asked when one
   * begins, by polls that have nothing to tell, every `reauthorizeMs`, and by `EventHandle.finish`. What it throws
   * counts as no (TASK-2).
   */
  isFinished?: ((ctx: Caller, name: string, args: Arguments) => Awaitable<boolean>) | undefined;
  /** Runs before a subscription starts; what it throws refuses the subscription. */
  onSubscribe?: ((subscription: SubscriptionInfo<Arguments>) => Awaitable<void>) | undefined;
  /** Runs once after a subscription whose {@link onSubscribe} ran has ended. */
  onUnsubscribe?: ((subscription: SubscriptionInfo<Arguments>) => Awaitable<void>) | undefined;
}

/** Options of one emitted event. */
export interface EmitOptions {
  /** The event's stable id where it has one (OCC-2); emitting it again within the log's memory is a duplicate. */
  eventId?: string | undefined;
  /** When it happened, ISO 8601 or a date; default: now. For people, never for order. */
  timestamp?: string | Date | undefined;
  orderingKey?: string | undefined;
  /** Travels in `_meta` on every path, such as `traceparent`. */
  meta?: JsonObject | undefined;
  /** Delivers to the subscriptions of one principal with these arguments only; `null` is the anonymous caller. */
  to?: { principal: string | null; arguments?: JsonObject | undefined } | undefined;
}

/** One event of `emitMany`. */
export interface EmitItem<Payload = JsonObject> extends EmitOptions {
  data: Payload;
}

/** Where an emitted event ended up. */
export interface Emitted {
  readonly log: string;
  readonly epoch: number;
  readonly seq: number;
  readonly eventId: string;
  /** The `eventId` was known already; `seq` is that event's. */
  readonly duplicate: boolean;
}

/** What `update` changes of a registered event type. */
export interface UpdateOptions {
  description?: string | undefined;
  inputSchema?: SchemaLike | undefined;
  payloadSchema?: SchemaLike | undefined;
  delivery?: readonly DeliveryMode[] | undefined;
  /** Overrides the comparison of the schemas: whether the change ends subscriptions (LIST-4). */
  breaking?: boolean | undefined;
}

/** A registered event type. */
export interface EventHandle<Payload = JsonObject, Arguments = JsonObject> {
  readonly name: string;
  /**
   * Appends an event; resolves with its position. Calls keep their order, awaited or not (ORD-8).
   *
   * @throws EventsError `payload_invalid` naming the path, `payload_too_large` over 256 KiB (OCC-3), `event_unknown`
   * after `remove`, `event_id_conflict`, `append_failed` (the outcome is unknown, or too much waits), `closed`.
   */
  emit(payload: Payload, options?: EmitOptions): Promise<Emitted>;
  /**
   * Appends several events in the order given, all or none.
   *
   * @throws as {@link emit}.
   */
  emitMany(items: readonly EmitItem<Payload>[]): Promise<Emitted[]>;
  /**
   * Changes the type; clients are told that the list changed (LIST-3). An incompatible change ends the type's
   * subscriptions with Unsupported, an additive one does not (LIST-4).
   *
   * @throws EventsError `schema_unusable`, `schema_invalid`, `option_invalid`, `event_unknown` after `remove`.
   */
  update(changes: UpdateOptions): Promise<void>;
  /**
   * A cursor of now: a subscription from it gets whatever is emitted after this call. `null` for types without replay, and
   * for check-backed ones, whose cursors need an answer of the upstream.
   */
  cursor(): Promise<string | null>;
  /**
   * Ends the living subscriptions with certain arguments once they have everything emitted before this call. Give
   * `isFinished` too, which knows of the subscriptions of other processes and of those that begin later (TASK-2).
   */
  finish(belongs: (args: Arguments) => boolean): Promise<void>;
  /** Removes the type; its subscriptions end with NotFound once they have everything emitted before (LIST-4). */
  remove(): Promise<void>;
}

/** Figures of a running server. */
export interface ServerStats {
  /** Living subscriptions by mode; for poll, the leases. */
  readonly subscriptions: { readonly poll: number; readonly push: number; readonly webhook: number };
  /** Readers of logs that are open now. */
  readonly readers: number;
  /** Timers that are set now. */
  readonly timers: number;
  /** Distinct combinations of event type, arguments and audience that are read now. */
  readonly views: number;
  readonly logs: readonly {
    readonly name: string;
    readonly epoch: number;
    readonly head: number;
    readonly entries: number;
    readonly bytes: number;
  }[];
  /** Upstreams that are being asked. */
  readonly upstreamPollers: number;
  /** MCP servers attached and not closed. */
  readonly attached: number;
}
