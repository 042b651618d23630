import {
  type JsonObject,
  METHODS,
  ORDERING_EXTENSION,
  type ResequenceOffer,
  WireError,
} from "@mcp-events/protocol";
import type { EventClientOptions } from "../options";
import type { SubscribeOptions } from "../subscribe-options";
import type { Subscription } from "../subscription";
import { FakeReceiver } from "./fake-receiver";
import { type Setup, setUp } from "./setup";
import { cursorAt, occurrence, positionMeta } from "./wire";

/** What a {@link WebhookSetup} may be told. */
export interface WebhookSetupOptions extends EventClientOptions {
  readonly resequence?: ResequenceOffer | undefined;
  readonly ttlMs?: number | null | undefined;
  /** Modes that the type is listed with; default: push, poll and webhook. */
  readonly offers?: readonly string[] | undefined;
}

/** A client with a scripted receiver; `subscribe` is answered from `through` on, `unsubscribe` with NotFound. */
export interface WebhookSetup extends Setup {
  readonly receiver: FakeReceiver;
  /** What `events/subscribe` answers. */
  answer: (params: JsonObject) => JsonObject | Promise<JsonObject>;
}

export const OFFER: ResequenceOffer = { window: 8, holdMs: 1_000 };

export function setUpWebhook(options: WebhookSetupOptions = {}, through = 0): WebhookSetup {
  const { resequence, ttlMs, offers = ["push", "poll", "webhook"], ...rest } = options;
  const receiver = new FakeReceiver({ resequence, ttlMs });
  const setup: WebhookSetup = {
    ...setUp({ transports: [receiver], ...rest }, offers),
    receiver,
    answer: () => granted(setup, through),
  };
  setup.connection.handlers.set(METHODS.subscribe, (params) => setup.answer(params));
  setup.connection.handlers.set(METHODS.unsubscribe, () => {
    throw new WireError("NotFound", "no such subscription", { kind: "subscription" });
  });
  return setup;
}

/** A subscribe result: by default a grant of an hour, everything up to `through` settled. */
export function granted(
  { clock, receiver }: Pick<WebhookSetup, "clock" | "receiver">,
  through: number,
  rest: JsonObject = {},
  epoch = 1,
): JsonObject {
  const { resequence } = receiver;
  const position = positionMeta(through, epoch)[ORDERING_EXTENSION] as JsonObject;
  return {
    id: "sub_1",
    refreshBefore: new Date(clock.now() + 3_600_000).toISOString(),
    cursor: cursorAt(through, epoch),
    truncated: false,
    _meta: { [ORDERING_EXTENSION]: resequence === undefined ? position : { ...position, resequence } },
    ...rest,
  };
}

/** Subscribes by webhook alone. */
export function subscribeWebhook(setup: WebhookSetup, options: SubscribeOptions = {}): Promise<Subscription> {
  return setup.client.subscribe("note.created", {}, { delivery: "webhook", ...options });
}

/** A body as the server posts it: an occurrence with `settled`, and the watermark's cursor. */
export function posted(seq: number, prev = seq - 1, extra: JsonObject = {}): JsonObject {
  const settled = (extra.settled as number | undefined) ?? prev;
  return { ...occurrence(seq, prev, { settled, ...extra }), cursor: cursorAt(settled) };
}

/** A body of a server without the ordering extension. */
export function plainBody(n: number, cursor: string | null = `p${n}`): JsonObject {
  const { _meta, ...body } = occurrence(n);
  return { ...body, cursor };
}

/** An answer that a test gives later. */
export function deferred(): { promise: Promise<JsonObject>; resolve: (answer: JsonObject) => void } {
  let resolve: (answer: JsonObject) => void = () => {};
  const promise = new Promise<JsonObject>((done) => {
    resolve = done;
  });
  return { promise, resolve };
}
