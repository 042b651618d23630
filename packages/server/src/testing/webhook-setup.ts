import { type LogStore, memoryStore } from "@mcp-events/ordering";
import { type JsonObject, ORDERING_EXTENSION } from "@mcp-events/protocol";
import { ManualClock } from "../../../ordering/src/testing/manual-clock";
import type { EventServerOptions } from "../options";
import type { AnyRegisterOptions } from "../registry/event-type";
import type { Calling } from "./fake-host";
import { deliveries, FakeSender, fakeWebhook } from "./fake-sender";
import { plain, setup } from "./setup";
import { underTest } from "./slow-store";

export const URL_A = "https://a.example/hooks/1";
export const SECRET_A = `whsec_${btoa("a".repeat(32))}`;
export const SECRET_B = `whsec_${btoa("b".repeat(32))}`;
export const ALICE: Calling = { principal: "alice" };

/** A result of `events/subscribe`. */
export interface Subscribed {
  readonly resultType: string;
  readonly id: string;
  readonly refreshBefore: string | null;
  readonly cursor: string | null;
  readonly truncated: boolean;
  readonly deliveryStatus?: JsonObject;
  readonly _meta: JsonObject;
}

/** A server with a fake webhook sender, and one registered type `thing.happened`. */
export function webhookSetup(options: EventServerOptions = {}, clock = new ManualClock()) {
  const sender = new FakeSender();
  const store = underTest(options.store ?? memoryStore({ clock }));
  const made = setup({ transports: [fakeWebhook(sender)], ...options, store }, clock);
  const subscribe = async (
    params: JsonObject = {},
    calling: Calling & { signal?: AbortSignal; meta?: JsonObject } = ALICE,
  ): Promise<Subscribed> => {
    const { delivery, ...rest } = params;
    const given = { mode: "webhook", url: URL_A, secret: SECRET_A, ...(delivery as JsonObject) };
    const request = { name: "thing.happened", arguments: {}, delivery: given, ...rest };
    return (await made.host.call("events/subscribe", request, calling)) as unknown as Subscribed;
  };
  const unsubscribe = (params: JsonObject = {}, calling: Calling = ALICE) =>
    made.host.call(
      "events/unsubscribe",
      { name: "thing.happened", arguments: {}, delivery: { url: URL_A }, ...params },
      calling,
    );
  /** Lets delivery begin, and everything that can happen at once happen. */
  const delivered = async (ms = 50) => {
    await made.clock.advance(ms);
    await deliveries();
  };
  /** Closes the server, and lets it wait for as long as it wants to. */
  const close = async () => {
    const closed = made.events.close();
    await made.clock.advance(2_000);
    await closed;
  };
  return { ...made, sender, subscribe, unsubscribe, delivered, close };
}

/** `_meta` of a request whose receiver puts events in order. */
export function offering(window: number, holdMs = 2_000): JsonObject {
  return { [ORDERING_EXTENSION]: { resequence: { window, holdMs } } };
}

/** {@link webhookSetup} with one subscription of `thing.happened`, and how to emit to it. */
export async function subscribed(
  options: EventServerOptions = {},
  register: AnyRegisterOptions = {},
  params: JsonObject = {},
  meta: JsonObject = {},
) {
  const made = webhookSetup(options);
  const handle = made.events.register(plain(), register);
  const answer = await made.subscribe(params, { ...ALICE, meta });
  await made.delivered();
  const emit = async (...all: (number | JsonObject)[]) => {
    for (const one of all) await handle.emit(typeof one === "number" ? { n: one } : one);
    await deliveries();
  };
  return { ...made, handle, answer, emit };
}

/** A store whose content outlives the servers that close it. */
export function lasting(store: LogStore, durable = true): LogStore {
  return { durable, open: (name) => store.open(name), webhooks: store.webhooks, close() {} };
}
