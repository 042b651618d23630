import { createEventClient, type EventClient, merge } from "@mcp-events/client";
import type { ClientTransport, DeliveryMode } from "@mcp-events/protocol";
import { digestOf, preciseNow } from "../result/record";
import type { ConnectedClient } from "./connect";
import { counted, emptyConnectionTally } from "./count-reconnects";
import { Ledger } from "./ledger";

/** How a client subscribes; plain data, so that it can be handed to another process. */
export interface Subscribing {
  readonly mode: DeliveryMode;
  /** Event types; their subscriptions are merged into one line (ORD-5). */
  readonly types: readonly string[];
  /** Where effects and positions are kept; a client that finds it goes on from there. */
  readonly ledgerFile: string;
  /** After twice this without a message a stream is taken for dead, in milliseconds. */
  readonly heartbeatMs: number;
  readonly minPollMs: number;
  /** How long a request may take, in milliseconds. */
  readonly requestMs: number;
  /** How long a merged line waits for a quiet subscription before it asks for its position, in milliseconds. */
  readonly mergeWaitMs: number;
}

/** A client that was killed may come back in the middle of an outage: it is to be patient, not to give up. */
const MAX_OPEN_ATTEMPTS = 1_000;

/** How far a client is. */
export interface ClientProgress {
  readonly handled: number;
  readonly reconnects: number;
}

/** One client of the run: it subscribes, handles each event, and commits. */
export class PathClient {
  readonly #tally = emptyConnectionTally();
  readonly #ledger: Ledger;
  readonly #client: EventClient;

  constructor(
    private readonly connected: ConnectedClient,
    private readonly subscribing: Subscribing,
    /** Receives its webhooks. */
    transports: readonly ClientTransport[] = [],
  ) {
    this.#ledger = new Ledger(subscribing.ledgerFile, eventTypeOfKey);
    this.#client = createEventClient(counted(connected.events, this.#tally, subscribing.requestMs), {
      transports,
      positions: this.#ledger,
      server: "github",
      heartbeatMs: subscribing.heartbeatMs,
      minPollMs: subscribing.minPollMs,
      backoff: { initialMs: 50, maxMs: 1_000 },
      maxOpenAttempts: MAX_OPEN_ATTEMPTS,
    });
  }

  get progress(): ClientProgress {
    const { streams, failedRequests } = this.#tally;
    const first = Math.min(streams, this.subscribing.types.length);
    return { handled: this.#ledger.handled, reconnects: streams - first + failedRequests };
  }

  /**
   * Subscribes, calls `ready` once every subscription stands, and handles events until the client is closed.
   *
   * @param onHandled - Called after each commit.
   */
  async run(ready: () => void, onHandled: () => void = () => {}): Promise<void> {
    const { types, mode, mergeWaitMs } = this.subscribing;
    const subscriptions = await Promise.all(
      types.map((type) =>
        this.#client.subscribe(type, {}, { delivery: mode, id: type, commit: "explicit", fallback: false }),
      ),
    );
    ready();
    for await (const item of merge(subscriptions, { mergeWaitMs })) {
      const handledAt = preciseNow();
      if (item.kind === "gap") this.#ledger.gap(item.reason);
      else {
        const { eventId, name, position } = item;
        const digest = digestOf(JSON.stringify(item.data));
        const { epoch, seq } = position ?? { epoch: -1, seq: -1 };
        this.#ledger.stage({ eventId, name, epoch, seq, digest, handledAt });
      }
      await item.commit();
      onHandled();
    }
  }

  async close(): Promise<void> {
    await this.#client.close();
    await this.connected.close();
  }
}

/** Keys of positions are the canonical JSON of `[server, event type, arguments, id]`. */
function eventTypeOfKey(key: string): string {
  const [, type]: [string, string] = JSON.parse(key);
  return type;
}
