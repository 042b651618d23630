import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { FaultProxy } from "../faults/http-proxy";
import { HttpFaultSchedule } from "../faults/http-schedule";
import { FAULT_PROFILES, type HttpFault } from "../faults/profiles";
import { emptyStdioTally, type StdioTally } from "../faults/stdio-faults";
import type { DemoOptions } from "../options";
import { endProcesses } from "../processes";
import { createRandom } from "../random";
import type { Injected } from "../result/demo-result";
import { readLines } from "../result/record";
import { PATHS, type PathPlan, RUN } from "../run-settings";
import type { ServerAddress, ServerConfig } from "../server";
import type { RelayConfig } from "../stdio-relay";
import { type ConnectedClient, connectHttp, connectStdio } from "./connect";
import { KilledPath } from "./killed-path";
import { type ClientProgress, PathClient, type Subscribing } from "./path-client";
import { WebhookEnd } from "./webhook-end";

/** What a run needs to start its server and clients. */
export interface PathsOptions extends Pick<DemoOptions, "seed" | "faults"> {
  /** Where records and ledgers are kept. */
  readonly directory: string;
  readonly secret: string;
  /** Event types that every client subscribes to. */
  readonly types: readonly string[];
  /** After how many handled events the client that is to be killed is. */
  readonly killAfter: readonly number[];
}

/** One way from the emitter to a handler, while it runs. */
export interface RunningPath {
  readonly plan: PathPlan;
  readonly ledgerFile: string;
  readonly progress: ClientProgress;
}

interface Client extends RunningPath {
  close(): Promise<void>;
}

/** How long processes may take to end by themselves, in milliseconds. */
const GRACE_MS = 3_000;

/** The server's process and every client of a run. */
export class RunningPaths {
  readonly #clients: Client[] = [];
  readonly #tallyFile: string;
  #proxy: FaultProxy | undefined;
  readonly #webhookEnds: WebhookEnd[] = [];
  #killed: KilledPath | undefined;
  #address: ServerAddress | undefined;
  #closing = false;
  /** Rejects when a client or its process ends before it is closed. */
  readonly failed: Promise<never>;
  #fail: (reason: unknown) => void = () => {};

  constructor(private readonly options: PathsOptions) {
    this.#tallyFile = join(options.directory, "stdio-tally.jsonl");
    this.failed = new Promise((_resolve, reject) => {
      this.#fail = reject;
    });
    this.failed.catch(() => {});
  }

  get paths(): readonly RunningPath[] {
    return this.#clients;
  }

  /** Where the server takes webhooks. */
  get webhookUrl(): URL {
    return new URL(`http://127.0.0.1:${this.#address?.port}/github`);
  }

  /** The file the emitter writes its record to. */
  get recordFile(): string {
    return join(this.options.directory, "emitted.jsonl");
  }

  /** Faults so far; those of stdio are known once all is closed. */
  get injected(): Injected {
    const http = this.#proxy?.tally ?? NO_HTTP_FAULTS;
    const webhooks = sum(this.#webhookEnds.map(({ proxy }) => proxy.tally));
    const stdio = readLines<StdioTally>(this.#tallyFile)[0] ?? emptyStdioTally();
    return { http: { ...http }, webhooks, stdio, kills: this.#killed?.kills ?? 0 };
  }

  /** Starts the server and every client; resolves when all subscriptions stand. Faults begin with {@link armFaults}. */
  async start(): Promise<void> {
    const parent = await this.#startServer();
    this.#address = JSON.parse(await parent.callTool("where")) as ServerAddress;
    const { http } = FAULT_PROFILES[this.options.faults];
    const schedule = http && new HttpFaultSchedule(http, createRandom(this.options.seed, "proxy"));
    this.#proxy = await FaultProxy.listen(this.#address.port, schedule);
    const url = new URL(`http://127.0.0.1:${this.#proxy.port}/mcp`);
    await Promise.all(PATHS.map((plan) => this.#startClient(plan, parent, url)));
  }

  armFaults(): void {
    this.#proxy?.arm();
    for (const { proxy } of this.#webhookEnds) proxy.arm();
  }

  /** Ends every client and the server; when it resolves, none of their processes is left. */
  async close(): Promise<void> {
    this.#closing = true;
    await Promise.allSettled(this.#clients.map((client) => client.close()));
    if (this.#address !== undefined) await endProcesses([this.#address.pid], GRACE_MS);
    await this.#proxy?.close();
    await Promise.all(this.#webhookEnds.map((end) => end.close()));
  }

  /** The parent starts the server, behind a relay that disturbs their pipes. */
  async #startServer(): Promise<ConnectedClient> {
    const { seed, faults, secret } = this.options;
    const server: ServerConfig = {
      secret,
      recordFile: this.recordFile,
      heartbeatMs: RUN.heartbeatMs,
      nextPollMs: RUN.pollMs,
      retention: RUN.retention,
      webhooks: RUN.webhooks,
      webhookTimeoutMs: RUN.patienceMs,
    };
    const relay: RelayConfig = {
      seed,
      faults,
      tallyFile: this.#tallyFile,
      command: process.execPath,
      args: [script("server"), JSON.stringify(server)],
    };
    return connectStdio("v1", process.execPath, [script("stdio-relay"), JSON.stringify(relay)]);
  }

  async #startClient(plan: PathPlan, parent: ConnectedClient, url: URL): Promise<void> {
    const subscribing = this.#subscribing(plan);
    if (plan.killed) return this.#startKilled(plan, url, subscribing);
    const webhooks = plan.window === undefined ? undefined : await this.#webhookEnd(plan.id, plan.window);
    const token = webhooks && plan.id;
    const connected = plan.over === "stdio" ? parent : await connectHttp(plan.sdk, url, token);
    const client = new PathClient(connected, subscribing, webhooks && [webhooks.receiver]);
    this.#clients.push({
      plan,
      ledgerFile: subscribing.ledgerFile,
      get progress() {
        return client.progress;
      },
      close: () => client.close(),
    });
    await new Promise<void>((resolve, reject) => {
      client.run(resolve).then(
        () => this.#ended(plan, new Error("its subscriptions ended"), reject),
        (error: unknown) => this.#ended(plan, error, reject),
      );
    });
  }

  async #startKilled(plan: PathPlan, url: URL, subscribing: Subscribing): Promise<void> {
    const config = { sdk: plan.sdk, url: url.href, subscribing };
    const killed = new KilledPath(script("killed-client"), config, this.options.killAfter);
    this.#killed = killed;
    this.#clients.push({
      plan,
      ledgerFile: subscribing.ledgerFile,
      get progress() {
        return killed.progress;
      },
      close: () => killed.close(),
    });
    killed.failed.catch((error: unknown) => this.#ended(plan, error, () => {}));
    await killed.start();
  }

  async #webhookEnd(id: string, window: number): Promise<WebhookEnd> {
    const { seed, faults } = this.options;
    const { http } = FAULT_PROFILES[faults];
    const end = await WebhookEnd.listen(http && new HttpFaultSchedule(http, createRandom(seed, id)), window);
    this.#webhookEnds.push(end);
    return end;
  }

  #subscribing({ id, mode }: PathPlan): Subscribing {
    return {
      mode,
      types: this.options.types,
      ledgerFile: join(this.options.directory, `${id}.jsonl`),
      heartbeatMs: RUN.patienceMs,
      minPollMs: RUN.pollMs,
      requestMs: 2 * RUN.patienceMs,
      mergeWaitMs: mode === "webhook" ? RUN.webhookMergeWaitMs : RUN.mergeWaitMs,
    };
  }

  #ended(plan: PathPlan, error: unknown, reject: (error: Error) => void): void {
    if (this.#closing) return;
    const reason = error instanceof Error ? error.message : String(error);
    const failure = new Error(`${plan.label}: ${reason}`, { cause: error });
    reject(failure);
    this.#fail(failure);
  }
}

const NO_HTTP_FAULTS = { delay: 0, stall: 0, cut: 0, hang: 0, outage: 0 };

function sum(tallies: readonly Readonly<Record<HttpFault, number>>[]): Record<HttpFault, number> {
  const total = { ...NO_HTTP_FAULTS };
  for (const tally of tallies) {
    for (const fault of Object.keys(total) as HttpFault[]) total[fault] += tally[fault];
  }
  return total;
}

/** A process of the demo, beside this one's file. */
function script(name: string): string {
  return fileURLToPath(new URL(`./${name}.js`, import.meta.url));
}
