import { createServer } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";
import {
  createEventClient,
  type EventClient,
  memoryPositions,
  type PositionStore,
  type Subscription,
} from "@mcp-events/client";
import { filePositions } from "@mcp-events/client/node";
import type { DeliveryMode } from "@mcp-events/protocol";
import { type WebhookReceiverHandle, webhookReceiver } from "@mcp-events/transport-webhook";
import { nodeHandler } from "@mcp-events/transport-webhook/node";
import { type ConnectedClient, connectHttp, connectStdio, type SdkLine } from "../clients/connect";
import { createRandom, integerBetween } from "../random";
import { appendLine } from "../result/record";
import { emitUntilAcknowledged } from "./emitter";
import { listening } from "./listening";
import type { ConsumerLine } from "./record-lines";
import type { KillsRelayConfig } from "./relay-process";
import { TIMING } from "./timing";

/** How the client reaches the server: over HTTP, or through a relay that starts it. */
export type KillsTarget =
  | { readonly kind: "http"; readonly url: string; readonly token: string }
  | { readonly kind: "stdio"; readonly relayScript: string; readonly relay: KillsRelayConfig };

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
  /** Where webhooks arrive: the port here, and the URL that leads to it. */
  readonly webhook?: { readonly port: number; readonly url: string; readonly window: number } | undefined;
  /** A mutation that has to be caught: positions die with the process. */
  readonly forgetful: boolean;
}

/** A client as an application would write it: connects, goes on from its stored positions, and connects anew after a failure. */
class KillsClient {
  readonly #positions: PositionStore;
  readonly #random;
  readonly #emitting = new AbortController();
  #connections = 0;
  #receiver: WebhookReceiverHandle | undefined;

  constructor(private readonly config: KillsClientConfig) {
    this.#positions = config.forgetful ? memoryPositions() : filePositions(config.positionsFile);
    this.#random = createRandom(config.seed, "client", process.pid);
  }

  async run(): Promise<never> {
    const { notesFile, ticksFile } = this.config;
    for (const file of [notesFile, ticksFile]) write(file, { kind: "started" });
    await this.#listen();
    for (;;) {
      await this.#connection().catch((error: unknown) => {
        if (process.env.KILLS_DEBUG !== undefined) process.stderr.write(`client: ${String(error)}\n`);
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
    await listening(
      () =>
        new Promise<void>((resolve, reject) => {
          server.once("error", reject);
          server.listen(webhook.port, "127.0.0.1", resolve);
        }),
    );
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
    const { mode: delivery, notesFile, ticksFile, emitsFile, seed } = this.config;
    const options = { delivery, commit: "explicit", fallback: false } as const;
    const [notes, ticks] = await Promise.all([
      client.subscribe("note.created", {}, options),
      client.subscribe("ticker.tick", { intervalMs: TIMING.tickMs }, options),
    ]);
    await Promise.all([notes, ticks].map(stored));
    process.send?.("ready");
    const work = [this.#handle(notes, notesFile), this.#handle(ticks, ticksFile)];
    const over = new AbortController();
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
    }
  }

  async #connect(): Promise<ConnectedClient> {
    const { sdk, target } = this.config;
    if (target.kind === "http") return connectHttp(sdk, new URL(target.url), target.token);
    return connectStdio(sdk, process.execPath, [target.relayScript, JSON.stringify(target.relay)]);
  }

  /** Writes each item down, then commits it. */
  async #handle(subscription: Subscription, file: string): Promise<void> {
    for await (const item of subscription) {
      await sleep(integerBetween(this.#random, ...TIMING.handlerMs));
      if (item.kind === "gap") write(file, { kind: "gap", reason: item.reason, to: item.to });
      else {
        const { eventId, data, position } = item;
        const { epoch, seq } = position ?? { epoch: -1, seq: -1 };
        write(file, { kind: "event", eventId, epoch, seq, ...(typeof data.n === "number" && { n: data.n }) });
      }
      await item.commit();
    }
  }
}

/** Waits until a subscription has a position: what was emitted before it had one is not its own. */
async function stored(subscription: Subscription): Promise<void> {
  while (subscription.cursor === null) await sleep(1);
}

function write(file: string, line: ConsumerLine): void {
  appendLine(file, line);
}

const client = new KillsClient(JSON.parse(process.argv[2] ?? ""));
process.once("disconnect", () => process.exit(0));
process.once("message", () => client.stopEmitting());
void client.run();
