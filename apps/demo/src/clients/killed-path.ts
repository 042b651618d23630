import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import type { KilledClientConfig, KilledClientMessage } from "../killed-client";
import type { ClientProgress } from "./path-client";

/** Runs an HTTP client in a child process, kills it with SIGKILL at planned points, and starts it again. */
export class KilledPath {
  #child: ChildProcess | undefined;
  #kills = 0;
  #handled = 0;
  #earlierReconnects = 0;
  #reconnects = 0;
  #closing = false;
  /** Rejects when the child ends by itself. */
  readonly failed: Promise<never>;
  #fail: (error: Error) => void = () => {};

  /**
   * @param script - The child's script.
   * @param killAfter - Numbers of handled events after which the child is killed, ascending.
   */
  constructor(
    private readonly script: string,
    private readonly config: KilledClientConfig,
    private readonly killAfter: readonly number[],
  ) {
    this.failed = new Promise((_resolve, reject) => {
      this.#fail = reject;
    });
    this.failed.catch(() => {});
  }

  get kills(): number {
    return this.#kills;
  }

  get pid(): number | undefined {
    return this.#child?.pid;
  }

  /** A restart counts as one reconnect more. */
  get progress(): ClientProgress {
    return {
      handled: this.#handled,
      reconnects: this.#earlierReconnects + this.#reconnects + this.#kills,
    };
  }

  /** Starts the child; resolves when its subscriptions stand. */
  start(): Promise<void> {
    return Promise.race([this.#launch(), this.failed]);
  }

  async close(): Promise<void> {
    this.#closing = true;
    const child = this.#child;
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
    const exited = once(child, "exit");
    child.kill("SIGKILL");
    await exited;
  }

  #launch(): Promise<void> {
    const child = fork(this.script, [JSON.stringify(this.config)], {
      stdio: ["ignore", "ignore", "inherit", "ipc"],
    });
    this.#child = child;
    child.once("error", (error) => this.#fail(error));
    child.once("exit", (code, signal) => this.#exited(code, signal));
    return new Promise((resolve) => {
      child.on("message", (message: KilledClientMessage) => {
        if (message.kind === "ready") resolve();
        else this.#progressed(child, message);
      });
    });
  }

  #progressed(child: ChildProcess, progress: ClientProgress): void {
    this.#handled = progress.handled;
    this.#reconnects = progress.reconnects;
    const next = this.killAfter[this.#kills];
    if (next === undefined || progress.handled < next || child.killed) return;
    child.kill("SIGKILL");
  }

  #exited(code: number | null, signal: string | null): void {
    if (this.#closing) return;
    if (signal !== "SIGKILL") {
      this.#fail(new Error(`the client that is to be killed ended by itself (${signal ?? `code ${code}`})`));
      return;
    }
    this.#kills += 1;
    this.#earlierReconnects += this.#reconnects;
    this.#reconnects = 0;
    void this.#launch();
  }
}
