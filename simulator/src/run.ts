import { audienceOf } from "@mcp-events/ordering";
import type { DeliveryMode } from "@mcp-events/protocol";
import type { Control } from "./controls/control";
import { belongs, TYPES } from "./event-types";
import type { Coverage, FaultKind } from "./kernel/faults";
import { takeGlobals } from "./kernel/globals";
import type { Skew } from "./kernel/process-clock";
import { Random } from "./kernel/random";
import { World } from "./kernel/world";
import { Link } from "./network/link";
import type { SimStream } from "./network/sim-stream";
import { Web } from "./network/web";
import { EmitOrder } from "./oracle/emit-order";
import { Line } from "./oracle/line";
import { LogRecord, type Recorded } from "./oracle/log-record";
import { WireWatch } from "./oracle/wire-watch";
import type { ClientPlan, Disaster, Plan } from "./plan";
import { ClientProcess } from "./processes/client-process";
import { PlainReceiver } from "./processes/plain-receiver";
import { ServerSite } from "./processes/server-site";
import { PositionShelf } from "./processes/sim-positions";

/** What one run gave. */
export interface RunResult {
  readonly violations: readonly string[];
  readonly coverage: Coverage;
  readonly trace: readonly string[];
  readonly events: number;
  /** Virtual time it took, in milliseconds. */
  readonly virtualMs: number;
}

/** How a run is made. */
export interface RunOptions {
  /** Write down what happens. */
  readonly trace?: boolean | undefined;
  /** What is done wrong on purpose. */
  readonly control?: Control | undefined;
}

/** Time after the healing in which everything has to arrive, in virtual milliseconds. */
const HEAL_MS = 30_000;

/** Runs a plan once. Not to be called while another run is under way in the same process. */
export async function run(drawn: Plan, options: RunOptions = {}): Promise<RunResult> {
  const { control } = options;
  const plan = control?.plan?.(drawn) ?? drawn;
  const world = new World(new Random(plan.seed).fork("run"), plan.rates, options.trace === true, control);
  const giveBack = takeGlobals(world.loop);
  const unpatch = control?.patch?.(world);
  try {
    return await new Run(world, plan).go();
  } finally {
    unpatch?.();
    giveBack();
  }
}

/** A client's machine: what outlives its processes. */
interface Machine {
  readonly plan: ClientPlan;
  readonly link: Link;
  readonly skew: Skew;
  readonly shelf: PositionShelf;
  readonly lines: ReadonlyMap<string, Line>;
  process: ClientProcess | undefined;
  plain: PlainReceiver | undefined;
}

class Run {
  readonly #record = new LogRecord();
  readonly #web = new Web();
  readonly #order = new EmitOrder();
  readonly #wire: WireWatch;
  readonly #site: ServerSite;
  readonly #machines: Machine[];

  constructor(
    private readonly world: World,
    private readonly plan: Plan,
  ) {
    this.#wire = new WireWatch(world, plan.clients, plan.byKey);
    const record = this.#record;
    world.head = () => record.head;
    this.#site = new ServerSite(
      { world, plan, web: this.#web, record, watchPosts: () => this.#wire.posts() },
      this.#order,
    );
    this.#site.onCrash.push(() => this.#serverGone());
    this.#machines = plan.clients.map((client) => this.#machine(client));
  }

  async go(): Promise<RunResult> {
    const { world, plan } = this;
    for (const machine of this.#machines) this.#start(machine);
    for (const emit of plan.emits) world.loop.after(emit.at, () => this.#site.emit(emit));
    for (const disaster of plan.disasters) world.loop.after(disaster.at, () => this.#strike(disaster));
    await world.loop.runUntil(plan.durationMs);
    this.#heal();
    await this.#untilComplete();
    if (world.violations.length === 0) {
      for (const line of this.#lines()) line.finish();
      this.#order.finish(world, this.#record);
    }
    for (const { process, plain } of this.#machines) {
      process?.kill();
      plain?.kill();
    }
    this.#site.listening?.kill();
    await world.loop.runUntil(world.loop.now);
    return {
      violations: world.violations,
      coverage: world.coverage,
      trace: world.trace,
      events: this.#record.entries.length,
      virtualMs: world.loop.now,
    };
  }

  #heal(): void {
    const { world } = this;
    world.heal();
    for (const { link } of this.#machines) link.heal();
    this.#site.start();
    for (const machine of this.#machines) if (machine.process === undefined) this.#start(machine);
  }

  async #untilComplete(): Promise<void> {
    const { loop } = this.world;
    const end = loop.now + HEAL_MS;
    for (let quiet = 0; loop.now < end && quiet < 4 && this.world.violations.length === 0; ) {
      await loop.runUntil(loop.now + 150);
      quiet = this.#lines().every((line) => line.hasBegun && line.isComplete) ? quiet + 1 : 0;
    }
  }

  #lines(): Line[] {
    return this.#machines.flatMap(({ lines }) => [...lines.values()]);
  }

  #machine(plan: ClientPlan): Machine {
    const link = new Link(this.world, plan.name);
    const lines = new Map(plan.types.map((index) => [TYPES[index]!.name, this.#line(plan, index)] as const));
    return {
      plan,
      link,
      skew: { ms: 0 },
      shelf: new PositionShelf(),
      lines,
      process: undefined,
      plain: undefined,
    };
  }

  #line(plan: ClientPlan, index: number): Line {
    const { name } = TYPES[index]!;
    const args = plan.tags === undefined ? {} : { tags: [...plan.tags] };
    const audience = audienceOf(plan.principal, name, args);
    const isMine = (entry: Recorded) =>
      entry.name === name &&
      belongs(entry.tag, plan.tags) &&
      (entry.audience === undefined || entry.audience === audience);
    const byKey = this.plan.byKey && index === 0;
    return new Line({
      world: this.world,
      log: this.#record,
      title: `${plan.name} ${name}`,
      byKey,
      isPlain: plan.isPlain,
      isMine,
    });
  }

  #start(machine: Machine): void {
    const { plan, link, skew, shelf, lines } = machine;
    if (plan.isPlain) {
      const [line] = lines.values();
      const { world } = this;
      machine.plain ??= new PlainReceiver({
        world,
        plan,
        link,
        web: this.#web,
        server: this.#site,
        line: line!,
      });
      return;
    }
    machine.process = new ClientProcess({
      world: this.world,
      plan,
      link,
      web: this.#web,
      server: this.#site,
      skew,
      shelf,
      slowStore: this.plan.slowStore,
      wire: this.#wire,
      lines,
    });
  }

  #serverGone(): void {
    for (const { plan, process } of this.#machines) {
      if (plan.carrier === "stdio") process?.cutPipe();
      else for (const stream of [...(process?.connection?.streams ?? [])]) stream.cut();
    }
  }

  #strike(disaster: Disaster): void {
    const { world } = this;
    const machine = this.#machines[disaster.client % this.#machines.length]!;
    const { kind, ms } = disaster;
    const { process } = machine;
    const strikes: Record<Disaster["kind"], () => void> = {
      "server crash": () => this.#site.crash(ms),
      "hand-over": () => this.#site.handOver(ms),
      "client crash": () => this.#crashClient(machine, ms),
      partition: () => machine.link.partition(ms),
      silence: () => this.#eachStream(machine, "stream silent", (stream) => stream.silence()),
      stall: () => {
        if (process?.stallPipe(ms) === true) world.fault("pipe stalled");
        else this.#eachStream(machine, "stream stalled", (stream) => stream.stall(ms));
      },
      cut: () => {
        if (process?.cutPipe() === true) world.fault("pipe cut");
        else this.#eachStream(machine, "stream cut", (stream) => stream.cut());
      },
      retention: () => this.#site.truncate(),
      "server clock": () => {
        world.fault("server clock jumped");
        this.#site.skew.ms += jump(ms);
      },
      "client clock": () => {
        world.fault("client clock jumped");
        machine.skew.ms += jump(ms);
      },
      mode: () => this.#switchMode(machine),
      secret: () => {
        if (process?.subscriptions.some(({ mode }) => mode === "webhook")) world.fault("secret rotated");
        process?.refresh();
      },
    };
    strikes[kind]();
  }

  #eachStream({ process }: Machine, kind: FaultKind, strike: (stream: SimStream) => void): void {
    const streams = [...(process?.connection?.streams ?? [])];
    if (streams.length > 0) this.world.fault(kind);
    for (const stream of streams) strike(stream);
  }

  #crashClient(machine: Machine, ms: number): void {
    const { world } = this;
    const { plan, process, shelf, lines } = machine;
    if (process === undefined) return;
    if (shelf.writing > 0) world.fault("client crashed while it stored a position");
    world.fault(plan.keepsPositions ? "client crashed, positions kept" : "client crashed, positions lost");
    process.kill();
    shelf.writing = 0;
    machine.process = undefined;
    if (!plan.keepsPositions) {
      shelf.stored.clear();
      for (const line of lines.values()) line.forget();
    }
    world.loop.after(ms, () => {
      if (machine.process === undefined) this.#start(machine);
    });
  }

  #switchMode({ plan, process }: Machine): void {
    const { world } = this;
    const mode = world.random.pick<DeliveryMode>(plan.modes.length > 1 ? plan.modes : ["push", "webhook"]);
    if (process === undefined || process.subscriptions.every((one) => one.mode === mode)) return;
    world.fault("mode switched", () => `${plan.name} to ${mode}`);
    process.switchTo(mode);
  }
}

/** Back or forth by up to a second. */
function jump(ms: number): number {
  return ms % 2 === 0 ? ms : -ms;
}
