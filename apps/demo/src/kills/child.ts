import { type ChildProcess, fork, spawn } from "node:child_process";
import { once } from "node:events";

/** A process of a run that is killed and started again. */
export class Child {
  #process: ChildProcess | undefined;
  /** How often it was started. */
  starts = 0;

  private constructor(private readonly launch: () => ChildProcess) {}

  /** One that says over its channel when it is ready, and ends with this process. */
  static forked(script: string, config: object): Child {
    const argv = [JSON.stringify(config)];
    return new Child(() => fork(script, argv, { stdio: ["ignore", "ignore", "inherit", "ipc"] }));
  }

  /** One that writes a line when it is ready. */
  static spawned(script: string, argv: readonly string[]): Child {
    const stdio: ["ignore", "pipe", "inherit"] = ["ignore", "pipe", "inherit"];
    return new Child(() => spawn(process.execPath, [script, ...argv], { stdio }));
  }

  /** Starts it; the returned promise resolves when it is ready, or was killed before. */
  start(): Promise<void> {
    const child = this.launch();
    this.#process = child;
    this.starts += 1;
    return isReady(child);
  }

  /** Resolves when it says that it is ready, once more, or is gone. */
  async readyAgain(): Promise<void> {
    if (this.#process !== undefined && !isGone(this.#process)) await isReady(this.#process);
  }

  /** Sends it a message, whatever it is: it has one thing to be told. */
  tell(): void {
    if (this.#process?.connected === true) this.#process.send("now");
  }

  /** Ends it by SIGKILL; resolves when it is gone. */
  async kill(): Promise<void> {
    const child = this.#process;
    if (child === undefined || isGone(child)) return;
    const gone = once(child, "exit");
    child.kill("SIGKILL");
    await gone;
  }

  /** How it ended without being killed; `undefined` while it lives, or when it was. */
  get crashed(): string | undefined {
    const { exitCode, signalCode } = this.#process ?? {};
    if (typeof exitCode === "number") return `exit code ${exitCode}`;
    return typeof signalCode === "string" && signalCode !== "SIGKILL" ? signalCode : undefined;
  }
}

function isReady(child: ChildProcess): Promise<void> {
  return new Promise((resolve) => {
    child.once("message", () => resolve());
    child.stdout?.once("data", () => resolve());
    child.once("exit", () => resolve());
  });
}

function isGone({ exitCode, signalCode }: ChildProcess): boolean {
  return exitCode !== null || signalCode !== null;
}
