import { type JsonObject, ORDERING_EXTENSION } from "@mcp-events/protocol";
import { createEventServer, type EventHandle } from "@mcp-events/server";
import { webhook } from "@mcp-events/transport-webhook/node";
import { measured, now, type Payload, payloadOf } from "../push/event";
import { MemoryHost } from "../server/memory-host";

const SECRET = `whsec_${btoa("k".repeat(32))}`;
const MANY = 100_000;

/** Where and how the engine's events are posted. */
export interface EnginePostsOptions {
  readonly url: string;
  readonly secret?: string | undefined;
  /** Ordering keys that the events are spread over; 1: one line. */
  readonly keys?: number | undefined;
  /** Deliveries in flight to a receiver that puts them in order; absent: strict order. */
  readonly window?: number | undefined;
}

/** An event server that posts webhooks, driven without an SDK; it knows when everything is settled. */
export class EnginePosts {
  readonly #host = new MemoryHost();
  readonly #events;
  readonly #handle: EventHandle<Payload>;
  #settled = 0;
  #head = 0;
  #told: () => void = () => {};

  constructor(private readonly options: EnginePostsOptions) {
    const { keys = 1 } = options;
    this.#events = createEventServer({
      transports: [webhook({ allowLoopback: true, verification: { perHostPerMinute: MANY } })],
      limits: { subscriptions: MANY, subscriptionsPerPrincipal: MANY },
      webhooks: { startDelayMs: 0 },
      observer: {
        acknowledge: ({ through }) => {
          this.#settled = through;
          if (through >= this.#head) this.#told();
        },
      },
    });
    const orderingKey = ({ n }: Payload) => String(n % keys);
    this.#handle = this.#events.register(measured, keys > 1 ? { orderingKey } : {});
    this.#events.bind(this.#host);
  }

  /** Subscribes a principal; the endpoint is verified. */
  async subscribe(principal = "bench"): Promise<string> {
    const { url, secret = SECRET, window } = this.options;
    const meta =
      window === undefined ? undefined : { [ORDERING_EXTENSION]: { resequence: { window, holdMs: 2_000 } } };
    const params: JsonObject = { name: measured.name, delivery: { mode: "webhook", url, secret } };
    const answer = await this.#host.request("events/subscribe", params, principal, meta);
    await new Promise((resolve) => setTimeout(resolve, 5));
    return String(answer.id);
  }

  /** Emits `count` events; resolves when the last is accepted, with how long that took, in milliseconds. */
  async run(count: number): Promise<number> {
    this.#head = this.#settled + count;
    const settled = new Promise<void>((resolve) => {
      this.#told = resolve;
    });
    const startedAt = performance.now();
    await this.#handle.emitMany(
      Array.from({ length: count }, (_, index) => ({ data: payloadOf(index + 1) })),
    );
    await settled;
    return performance.now() - startedAt;
  }

  /** Emits one event every so often; resolves when the last is accepted. */
  async paced(count: number, everyMs: number): Promise<void> {
    this.#head = this.#settled + count;
    const settled = new Promise<void>((resolve) => {
      this.#told = resolve;
    });
    for (let n = 1; n <= count; n += 1) {
      const due = now() + everyMs;
      void this.#handle.emit(payloadOf(n));
      await new Promise((resolve) => setTimeout(resolve, Math.max(0, due - now())));
    }
    await settled;
  }

  close(): Promise<void> {
    return this.#events.close();
  }
}
