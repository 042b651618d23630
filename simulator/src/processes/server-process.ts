import type { MemoryStore } from "@mcp-events/ordering";
import { EventsError, type Logger } from "@mcp-events/protocol";
import { createEventServer, type EventHandle } from "@mcp-events/server";
import { type Arguments, belongs, type Payload, TYPES } from "../event-types";
import { ProcessClock, type Skew } from "../kernel/process-clock";
import type { World } from "../kernel/world";
import { SimHost } from "../network/sim-host";
import { type PostWatch, SimSender } from "../network/sim-sender";
import type { Web } from "../network/web";
import type { LogRecord } from "../oracle/log-record";
import type { EmitPlan, Plan } from "../plan";
import { processStore } from "./process-store";

/** What a server process is made of. */
export interface ServerParts {
  readonly world: World;
  readonly plan: Plan;
  readonly web: Web;
  readonly skew: Skew;
  readonly record: LogRecord;
  readonly watchPosts: () => PostWatch;
}

/** Failures of `match` after which an event may have been given up. */
const GIVEN_UP_AFTER = 3;

/** One process of the real server, from its start until it is killed. */
export class ServerProcess {
  readonly clock: ProcessClock;
  readonly host = new SimHost();
  readonly #died = new AbortController();
  readonly #handles: EventHandle<Payload>[];
  readonly #failures = new Map<number, number>();

  constructor(
    private readonly parts: ServerParts,
    base: MemoryStore,
  ) {
    const { world, plan, web, skew, record, watchPosts } = parts;
    this.clock = new ProcessClock(world.loop, skew);
    const { clock } = this;
    const { durable, slowStore: slow, byKey } = plan;
    const own = new SimSender(world, web, clock, watchPosts());
    const sender = world.control?.sender?.(own, world) ?? own;
    const events = createEventServer({
      store: processStore({ world, base, clock, durable, slow, record }),
      transports: [{ name: "simulated-webhook", connect: () => undefined, webhookSender: sender }],
      clock,
      random: world.random.next,
      logger: tracing(world, "server"),
      heartbeatMs: 250,
      nextPollMs: 60,
      longPollMs: 400,
      leaseMs: 3_000,
      maxPollEvents: 5,
      pollScanLimit: 20,
      reauthorizeMs: 5_000,
      webhooks: {
        defaultTtlMs: 3_000,
        minTtlMs: 500,
        maxTtlMs: 10_000,
        maxAttempts: plan.maxAttempts,
        onExhausted: plan.onExhausted,
        firstRetryMs: 30,
        retryFactor: 1.5,
        retryWindowMs: 60_000,
        secretGraceMs: 2_000,
        suspendMinAttempts: 30,
        suspendWindowMs: 2_000,
        maxHoldMs: 200,
        readAhead: 12,
        startDelayMs: 10,
      },
    });
    this.#handles = TYPES.map((type, index) =>
      events.register(type, {
        delivery: plan.polls ? ["push", "poll", "webhook"] : ["push", "webhook"],
        ...(index === 0 && byKey && { guarantee: "key" as const }),
        match: ({ n, tag }: Payload, { tags }: Arguments) => {
          const evaluate = () => this.#match(n, belongs(tag, tags));
          return world.control?.match?.(n, evaluate) ?? evaluate();
        },
      }),
    ) as EventHandle<Payload>[];
    events.bind(this.host);
  }

  /** Aborts when the process ends. */
  get died(): AbortSignal {
    return this.#died.signal;
  }

  get isAlive(): boolean {
    return this.clock.alive;
  }

  /** Emits; resolves with whether it was appended, rejects when nobody knows. */
  async emit(n: number, { type, tag, key, to }: EmitPlan): Promise<void> {
    const delayMs = this.parts.world.control?.emitDelay?.(this.parts.world);
    if (delayMs !== undefined) await this.clock.sleep(delayMs);
    const emitted = await this.#handles[type]!.emit(
      { n, tag },
      {
        eventId: `e${n}`,
        orderingKey: key === undefined ? undefined : `k${key}`,
        ...(to !== undefined && { to: { principal: to, arguments: {} } }),
      },
    );
    const { record } = this.parts;
    const entry = record.of(n);
    if (entry?.seq !== emitted.seq || entry.epoch !== emitted.epoch) {
      this.parts.world.violate(
        `ORD-7: emit told of ${emitted.seq} for event ${n}, the log has ${entry?.seq}`,
      );
    }
  }

  /** It ends at once, and says nothing. */
  kill(): void {
    this.clock.kill();
    this.#died.abort();
  }

  #match(n: number, is: boolean): boolean | Promise<boolean> {
    const { world, plan, record } = this.parts;
    const fails = world.strikes("matchFailed", "match failed", () => `event ${n}`);
    if (fails) {
      const failures = (this.#failures.get(n) ?? 0) + 1;
      this.#failures.set(n, failures);
      if (failures >= GIVEN_UP_AFTER) record.givenUp.add(n);
    }
    const outcome = () => {
      if (fails) throw new EventsError("timed_out", "match failed");
      return is;
    };
    if (!plan.slowMatch || world.random.chance(0.5)) return outcome();
    world.fault("match slow");
    return this.clock.sleep(world.random.between(1, 120)).then(outcome);
  }
}

/** A logger whose lines are part of the trace. */
export function tracing(world: World, who: string): Logger {
  const at = (level: string) => (message: string, fields?: Record<string, unknown>) => {
    world.tell(() => `${who} ${level}: ${message} ${fields?.error ?? ""}`);
  };
  return { debug() {}, info: at("info"), warn: at("warn"), error: at("error") };
}
