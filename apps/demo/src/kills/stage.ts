import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { endProcesses } from "../processes";
import { readLines } from "../result/record";
import { Child } from "./child";
import type { KillsClientConfig, KillsTarget, KillsWebhook } from "./client-process";
import { freePort } from "./listening";
import type { KillsPlan, Victim } from "./plan";
import type { KillsProxyConfig } from "./proxy-process";
import type { KillsReceiverConfig } from "./receiver-process";
import type { RelayPids } from "./relay-process";
import type { KillsSubscriberConfig } from "./subscriber-process";
import { TIMING } from "./timing";

/** How long the processes of a stdio connection may take to end by themselves, in milliseconds. */
const GRACE_MS = 4_000;

/** The files of a run, which outlive every process of it. */
export interface RunFiles {
  readonly emits: string;
  readonly notes: string;
  readonly ticks: string;
  readonly positions: string;
  readonly pids: string;
}

/** The processes of a run. */
export class Stage {
  readonly files: RunFiles;
  readonly #children: ReadonlyMap<Victim, Child>;

  private constructor(
    private readonly plan: KillsPlan,
    directory: string,
    children: ReadonlyMap<Victim, Child>,
    /** Where the emitter reaches the server, past the proxy; on stdio the client emits. */
    readonly emitUrl: string | undefined,
  ) {
    this.files = filesIn(directory);
    this.#children = children;
  }

  /** @param directory - Keeps the run's files. */
  static async of(plan: KillsPlan, directory: string): Promise<Stage> {
    return plan.mode === "stdio"
      ? stdioStage(plan, directory, Stage.#make)
      : httpStage(plan, directory, Stage.#make);
  }

  static readonly #make = (
    plan: KillsPlan,
    directory: string,
    children: ReadonlyMap<Victim, Child>,
    emitUrl?: string,
  ) => new Stage(plan, directory, children, emitUrl);

  /** How often a process began to hold the log. */
  get serverStarts(): number {
    return this.#children.get("server")?.starts ?? readLines<RelayPids>(this.files.pids).length;
  }

  /** Starts everything; resolves when all stands. */
  async start(): Promise<void> {
    for (const child of this.#children.values()) await child.start();
  }

  /**
   * Kills a process.
   *
   * @returns starts it again; the promise that gives resolves when it is ready. What a client started is started by it.
   */
  async kill(victim: Victim): Promise<() => Promise<void>> {
    const child = this.#children.get(victim);
    if (child !== undefined) {
      await child.kill();
      return () => child.start();
    }
    const pids = readLines<RelayPids>(this.files.pids).at(-1);
    if (pids !== undefined && victim !== "client" && victim !== "receiver") killNow(pids[victim]);
    return () => this.#children.get("client")?.readyAgain() ?? Promise.resolve();
  }

  /** On stdio the client emits until it is told not to. */
  stopEmitting(): void {
    if (this.plan.mode === "stdio") this.#children.get("client")?.tell();
  }

  /** Processes that ended without being killed. */
  get crashes(): string[] {
    return [...this.#children].flatMap(([name, { crashed }]) =>
      crashed === undefined ? [] : [`the ${name} ended by itself: ${crashed}`],
    );
  }

  /** Ends every process. */
  async close(): Promise<void> {
    await Promise.all([...this.#children.values()].map((child) => child.kill()));
    const pids = readLines<RelayPids>(this.files.pids).flatMap(({ proxy, server }) => [proxy, server]);
    await endProcesses(pids, GRACE_MS);
  }
}

type Make = (
  plan: KillsPlan,
  directory: string,
  children: ReadonlyMap<Victim, Child>,
  emitUrl?: string,
) => Stage;

/** The client starts a relay, and that starts the server. */
function stdioStage(plan: KillsPlan, directory: string, make: Make): Stage {
  const files = filesIn(directory);
  const relay = {
    seed: plan.seed,
    pidsFile: files.pids,
    command: process.execPath,
    args: [plan.serverScript, "--stdio", "--principal", "alice", ...serverArgs(plan, directory)],
  };
  const target: KillsTarget = { kind: "stdio", relayScript: script("kills-relay"), relay };
  const config = { ...clientConfig(plan, files, target), emitsFile: files.emits };
  return make(plan, directory, new Map([["client", Child.forked(script("kills-client"), config)]]));
}

/** Everybody reaches everybody through the proxy, except the emitter. */
async function httpStage(plan: KillsPlan, directory: string, make: Make): Promise<Stage> {
  const files = filesIn(directory);
  const [server, front, hooks, hooksFront] = [
    await freePort(),
    await freePort(),
    await freePort(),
    await freePort(),
  ];
  const url = `http://127.0.0.1:${front}/mcp`;
  const target: KillsTarget = { kind: "http", url, token: "alice-token" };
  const webhook = {
    port: hooks,
    url: `http://127.0.0.1:${hooksFront}/hooks/`,
    window: plan.window ?? 0,
  };
  const proxy: KillsProxyConfig = {
    seed: plan.seed,
    routes: [
      { port: front, target: server },
      { port: hooksFront, target: hooks },
    ],
  };
  const argv = ["--http", String(server), "--allow-loopback-webhooks", ...serverArgs(plan, directory)];
  const children = new Map<Victim, Child>([
    ["server", Child.spawned(plan.serverScript, argv)],
    ["proxy", Child.forked(script("kills-proxy"), proxy)],
  ]);
  if (plan.mode === "receiver")
    for (const [name, child] of apart(plan, files, url, webhook)) children.set(name, child);
  else {
    const client = { ...clientConfig(plan, files, target), webhook };
    children.set("client", Child.forked(script("kills-client"), client));
  }
  return make(plan, directory, children, `http://127.0.0.1:${server}/mcp`);
}

/** The receiver and the one who subscribes for it. */
function apart(plan: KillsPlan, files: RunFiles, url: string, webhook: KillsWebhook): [Victim, Child][] {
  const { port, window } = webhook;
  const receiver: KillsReceiverConfig = {
    seed: plan.seed,
    ...webhook,
    positionsFile: files.positions,
    records: { "note.created": files.notes, "ticker.tick": files.ticks },
  };
  const subscriber: KillsSubscriberConfig = {
    sdk: plan.clientSdk,
    url,
    token: "alice-token",
    receiverUrl: `http://127.0.0.1:${port}/`,
    window,
    arguments: { "ticker.tick": { intervalMs: TIMING.tickMs } },
  };
  return [
    ["receiver", Child.forked(script("kills-receiver"), receiver)],
    ["client", Child.forked(script("kills-subscriber"), subscriber)],
  ];
}

function clientConfig(plan: KillsPlan, files: RunFiles, target: KillsTarget): KillsClientConfig {
  const { seed, clientSdk: sdk, forgetful = false, mode } = plan;
  const delivery = mode === "poll" || mode === "webhook" ? mode : "push";
  const { positions, notes, ticks } = files;
  return {
    seed,
    sdk,
    target,
    mode: delivery,
    positionsFile: positions,
    notesFile: notes,
    ticksFile: ticks,
    forgetful,
  };
}

function serverArgs({ serverSdk, durable }: KillsPlan, directory: string): string[] {
  const { heartbeatMs, nextPollMs, webhookRetryMs, webhookAttempts, webhookTimeoutMs } = TIMING;
  return [
    ...["--sdk", serverSdk, "--log-level", "error", "--heartbeat-ms", String(heartbeatMs)],
    ...["--next-poll-ms", String(nextPollMs)],
    ...["--webhook-retry-ms", String(webhookRetryMs), "--webhook-retry-factor", "1"],
    ...["--webhook-attempts", String(webhookAttempts)],
    ...["--webhook-timeout-ms", String(webhookTimeoutMs)],
    ...(durable?.args(directory) ?? []),
  ];
}

function filesIn(directory: string): RunFiles {
  const file = (name: string) => join(directory, name);
  return {
    emits: file("emits.jsonl"),
    notes: file("notes.jsonl"),
    ticks: file("ticks.jsonl"),
    positions: file("positions.json"),
    pids: file("pids.jsonl"),
  };
}

function killNow(pid: number): void {
  try {
    process.kill(pid, "SIGKILL");
  } catch {
    // it ended by itself, or was killed with the one before it
  }
}

/** A process of the demo, beside this one's file. */
function script(name: string): string {
  return fileURLToPath(new URL(`./${name}.js`, import.meta.url));
}
