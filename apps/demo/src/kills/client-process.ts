import { createServer } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";
import {
  createEventClient,
  type EventClient,
  memoryPositions,
  type PositionStore,
  type Subscription,
  type SubscriptionItem,
} from "@mcp-events/client";
import { filePositions } from "@mcp-events/client/node";
import type { DeliveryMode } from "@mcp-events/protocol";
import { type WebhookReceiverHandle, webhookReceiver } from "@mcp-events/transport-webhook";
import { nodeHandler } from "@mcp-events/transport-webhook/node";
import { type ConnectedClient, connectHttp, connectStdio, type SdkLine } from "../clients/connect";
import { createRandom, integerBetween, type Random } from "../random";
import { ConsumerRecord } from "./consumer-record";
import { emitUntilAcknowledged } from "./emitter";
import { listenAgain } from "./listening";
import type { KillsRelayConfig } from "./relay-process";
import { TIMING } from "./timing";

/** How the client reaches the server: over HTTP, or through a relay that starts it. */
export type KillsTarget =
  | { readonly kind: "http"; readonly url: string; readonly token: string }
  | { readonly kind: "stdio"; readonly relayScript: string; readonly relay: KillsRelayConfig };

/** Where webhooks arrive. */
export interface KillsWebhook {
  readonly port: number;
  /** The URL that leads to the port. */
  readonly url: string;
  /** Deliveries that the receiver puts in order; 0: it relies on strict order. */
  readonly window: number;
}

/** What the process is told: one JSON argument. */
export interface KillsClientConfig {
  readonly seed: number;
  readonly sdk: SdkLine;
  readonly target: KillsTarget;
  readonly mode: DeliveryMode;
  readonly positionsFile: string;
  /** Where the handlers write down what they were given. */
  readonly notesFile: string;
  readonly ticksFile: string;
  /** On stdio nobody else reaches the server: the client emits, and writes down here what was acknowledged. */
  readonly emitsFile?: string | undefined;
  /** Absent: it takes no webhooks. */
  readonly webhook?: KillsWebhook | undefined;
  /** A mutation that has to be caught: positions die with the process. */
  readonly forgetful: boolean;
}

/** A client as an application would write it: connects, goes on from its stored positions, and connects anew after a failure. */
class KillsClient {
  readonly #positions: PositionStore;
  readonly #notes: ConsumerRecord;
  readonly #ticks: ConsumerRecord;
  readonly #random: Random;
  readonly #inHand = new Set<Promise<void>>();
  readonly #emitting = new AbortController();
  #connections = 0;
  #receiver: WebhookReceiverHandle | undefined;

  constructor(private readonly config: KillsClientConfig) {
    this.#positions = config.forgetful ? memoryPositions() : filePositions(config.positionsFile);
    this.#notes = new ConsumerRecord(config.notesFile);
    this.#ticks = new ConsumerRecord(config.ticksFile);
    this.#random = createRandom(config.seed, "client", process.pid);
  }

  async run(): Promise<never> {
    await this.#listen();
    for (;;) {
      await this.#connection().catch((error: unknown) => {
        if (process.env.KILLS_DEBUG !== undefined)
          process.stderr.write(`client: ${String(error)} ${String((error as Error).cause)}\n`);
      });
      await sleep(TIMING.reconnectMs);
    }
  }

  /** Emits no more; what is under way is still acknowledged. */
  stopEmitting(): void {
    this.#emitting.abort();
  }

  async #listen(): Promise<void> {
    const { webhook } = this.config;
    if (webhook === undefined) return;
    const receiver = webhookReceiver({
      url: webhook.url,
      resequence: webhook.window > 0 && { window: webhook.window, holdMs: TIMING.holdMs },
      ttlMs: TIMING.ttlMs,
      answerWithinMs: TIMING.answerWithinMs,
    });
    const server = createServer(nodeHandler(receiver));
    await listenAgain(server, webhook.port);
    this.#receiver = receiver;
  }

  /** One connection, from its beginning to its end. */
  async #connection(): Promise<void> {
    this.#connections += 1;
    const connected = await this.#connect();
    const client = createEventClient(connected.events, {
      transports: this.#receiver && [this.#receiver],
      positions: this.#positions,
      server: "everything",
      heartbeatMs: TIMING.expectedHeartbeatMs,
      minPollMs: TIMING.minPollMs,
      longPollMs: TIMING.longPollMs,
      requestTimeoutMs: TIMING.requestMs,
      backoff: TIMING.backoff,
    });
    try {
      await this.#consume(client, connected);
    } finally {
      await Promise.race([client.close(), sleep(TIMING.requestMs)]);
      await connected.close().catch(() => {});
    }
  }

  async #consume(client: EventClient, connected: ConnectedClient): Promise<void> {
    const { mode: delivery, notesFile, emitsFile, seed } = this.config;
    const options = { delivery, commit: "explicit", fallback: false } as const;
    const [notes, ticks] = await Promise.all([
      client.subscribe("note.created", {}, options),
      client.subscribe("ticker.tick", { intervalMs: TIMING.tickMs }, options),
    ]);
    process.send?.("ready");
    const over = new AbortController();
    const work = [
      this.#handle(notes, this.#notes, over.signal),
      this.#handle(ticks, this.#ticks, over.signal),
    ];
    if (emitsFile !== undefined) {
      const emit = (args: Record<string, unknown>) => connected.callTool("emit", args);
      const prefix = `${process.pid}-${this.#connections}`;
      const signal = AbortSignal.any([over.signal, this.#emitting.signal]);
      void emitUntilAcknowledged(emit, { seed, emitsFile, notesFile, prefix, signal });
    }
    try {
      await Promise.race(work);
    } finally {
      over.abort();
      await Promise.allSettled(this.#inHand);
    }
  }

  async #connect(): Promise<ConnectedClient> {
    const { sdk, target } = this.config;
    if (target.kind === "http") return connectHttp(sdk, new URL(target.url), target.token);
    return connectStdio(sdk, process.execPath, [target.relayScript, JSON.stringify(target.relay)]);
  }

  /** Writes each item down, then commits it; the one in hand when the connection is over is still committed. */
  async #handle(subscription: Subscription, record: ConsumerRecord, over: AbortSignal): Promise<void> {
    for await (const item of subscription) {
      if (over.aborted) return;
      const handling = this.#handleOne(item, record);
      this.#inHand.add(handling);
      await handling.finally(() => this.#inHand.delete(handling));
    }
  }

  async #handleOne(item: SubscriptionItem, record: ConsumerRecord): Promise<void> {
    await sleep(integerBetween(this.#random, ...TIMING.handlerMs));
    record.handled(item);
    await item.commit();
  }
}

const client = new KillsClient(JSON.parse(process.argv[2] ?? ""));
process.once("disconnect", () => process.exit(0));
process.once("message", () => client.stopEmitting());
void client.run();
