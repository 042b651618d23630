import { createEventClient, type EventClient, merge, type Subscription } from "@mcp-events/client";
import { type DeliveryMode, EventsError, WireError } from "@mcp-events/protocol";
import { interleaved } from "../controls/interleaved";
import { TYPES } from "../event-types";
import { ProcessClock, type Skew } from "../kernel/process-clock";
import type { World } from "../kernel/world";
import { HttpCarrier, StdioCarrier } from "../network/carrier";
import { type ServerAddress, SimConnection } from "../network/connection";
import type { Link } from "../network/link";
import { SimReceiver } from "../network/sim-receiver";
import type { Web } from "../network/web";
import type { Line } from "../oracle/line";
import type { WireWatch } from "../oracle/wire-watch";
import type { ClientPlan } from "../plan";
import { type AnyItem, type ItemSource, runHandler } from "./handler";
import { tracing } from "./server-process";
import { type PositionShelf, simPositions } from "./sim-positions";

/** What a client process is made of. */
export interface ClientParts {
  readonly world: World;
  readonly plan: ClientPlan;
  readonly link: Link;
  readonly web: Web;
  readonly server: ServerAddress;
  readonly skew: Skew;
  readonly shelf: PositionShelf;
  readonly slowStore: boolean;
  readonly wire: WireWatch;
  /** The lines of its subscriptions, by type. */
  readonly lines: ReadonlyMap<string, Line>;
}

/** Wait before a client connects again, in milliseconds. */
const RECONNECT_MS = 40;

/** One process of the real client with its application, from its start until it is killed. */
export class ClientProcess {
  readonly clock: ProcessClock;
  connection: SimConnection | undefined;
  #subscriptions: Subscription[] = [];
  #client: EventClient | undefined;
  #stopReceiving: () => void = () => {};
  #carrier: HttpCarrier | StdioCarrier | undefined;

  constructor(private readonly parts: ClientParts) {
    this.clock = new ProcessClock(parts.world.loop, parts.skew);
    void this.#live();
  }

  get subscriptions(): readonly Subscription[] {
    return this.#subscriptions;
  }

  /** It ends at once, and says nothing. */
  kill(): void {
    this.clock.kill();
    this.#stopReceiving();
    this.connection?.close();
    for (const line of this.parts.lines.values()) line.crashed();
  }

  /** Its pipe breaks. */
  cutPipe(): boolean {
    if (!(this.#carrier instanceof StdioCarrier) || this.connection === undefined) return false;
    this.#carrier.cut();
    this.connection.close();
    return true;
  }

  stallPipe(ms: number): boolean {
    if (!(this.#carrier instanceof StdioCarrier)) return false;
    this.#carrier.stall(ms);
    return true;
  }

  switchTo(mode: DeliveryMode): void {
    for (const one of this.#subscriptions) one.switchTo(mode).catch(() => {});
  }

  /** Refreshes webhook subscriptions before their time, with new secrets. */
  refresh(): void {
    this.#client?.refreshDue(Number.POSITIVE_INFINITY).catch(() => {});
  }

  async close(): Promise<void> {
    this.clock.kill();
    this.#stopReceiving();
    this.connection?.close();
  }

  async #live(): Promise<void> {
    const { world, plan } = this.parts;
    while (this.clock.alive) {
      world.tell(() => `${plan.name} connects`);
      const connection = this.#connect();
      const client = this.#makeClient(connection);
      this.#client = client;
      try {
        await this.#subscribe(client);
        if (!this.clock.alive) return;
        await runHandler(world, this.clock, plan.commit, this.#source());
      } catch (error) {
        this.#failed(error, connection);
      }
      // What is committed is stored before the next subscription reads where it stands.
      await Promise.allSettled(this.#subscriptions.map((one) => one.close()));
      this.#subscriptions = [];
      await client.close();
      this.#stopReceiving();
      connection.close();
      for (const line of this.parts.lines.values()) line.crashed();
      if (this.clock.alive) await this.clock.sleep(RECONNECT_MS);
    }
  }

  /** A failure is the application's to see; one that the faults do not explain is a violation. */
  #failed(error: unknown, connection: SimConnection): void {
    const { world, plan } = this.parts;
    world.tell(() => `${plan.name} failed: ${error}`);
    const isExplained =
      connection.closed.aborted ||
      (WireError.is(error) && error.error === "CallbackEndpointError") ||
      (EventsError.is(error) && error.code === "position_store_failed");
    if (!isExplained) world.violate(`${plan.name}: the subscription ended by itself: ${error}`);
  }

  #connect(): SimConnection {
    const { world, plan, link, server, wire } = this.parts;
    const carrier = plan.carrier === "stdio" ? new StdioCarrier(link) : new HttpCarrier(link);
    this.#carrier = carrier;
    this.connection = new SimConnection({
      world,
      name: plan.name,
      carrier,
      server,
      principal: plan.principal,
      clock: this.clock,
      watchStream: (params) => wire.stream(plan.name, params),
    });
    return this.connection;
  }

  #makeClient(connection: SimConnection): EventClient {
    const { world, plan, link, web, shelf, slowStore, lines } = this.parts;
    const receiver = new SimReceiver({
      host: `${plan.name}.example`,
      link,
      clock: this.clock,
      resequence: plan.resequence,
      ttlMs: 1_500,
      onAccepted: (body) => this.#accepted(body),
    });
    this.#stopReceiving = receiver.listen(web);
    const lineOf = (key: string) => lines.get((JSON.parse(key) as string[])[1]!)!;
    return createEventClient(connection, {
      clock: this.clock,
      random: world.random.next,
      logger: tracing(world, plan.name),
      positions: simPositions(world, shelf, this.clock, slowStore, lineOf),
      transports: [receiver],
      server: "simulated",
      heartbeatMs: 250,
      minPollMs: 40,
      longPollMs: plan.longPollMs,
      requestTimeoutMs: 700,
      backoff: { initialMs: 20, maxMs: 300 },
      maxBuffered: plan.maxBuffered,
      maxUncommitted: 6,
      maxOpenAttempts: 1_000_000,
      dedupeWindow: world.control?.dedupeWindow,
    });
  }

  #accepted(body: { data?: unknown; name?: unknown }): void {
    const { n } = (body.data ?? {}) as { n?: number };
    if (typeof n === "number") this.parts.lines.get(String(body.name))?.accepted(n);
  }

  async #subscribe(client: EventClient): Promise<void> {
    const { plan, world } = this.parts;
    const args = plan.tags === undefined ? {} : { tags: [...plan.tags] };
    const commit = plan.types.length > 1 ? "explicit" : plan.commit;
    const options = { delivery: plan.modes, commit } as const;
    this.#subscriptions = await Promise.all(
      plan.types.map(async (index) => {
        const type = TYPES[index]!;
        const one = await client.subscribe(type.name, args, options);
        world.tell(() => `${plan.name} subscribed to ${type.name} by ${one.mode}`);
        return one;
      }),
    );
  }

  #merged(): AsyncIterable<AnyItem> {
    const isNaive = this.parts.world.control?.handler === "merges as it comes";
    return isNaive
      ? interleaved(this.#subscriptions)
      : merge(this.#subscriptions, { mergeWaitMs: 80, maxBuffered: 4 });
  }

  #source(): ItemSource {
    const { plan, lines } = this.parts;
    const { byKey } = [...lines.values()][0]!.parts;
    const subscriptions = this.#subscriptions;
    const [first] = subscriptions;
    if (subscriptions.length > 1) {
      return { kind: "merged", items: this.#merged(), subscriptions, lines };
    }
    return { kind: "single", items: first!, line: lines.get(TYPES[plan.types[0]!]!.name)!, byKey };
  }
}
