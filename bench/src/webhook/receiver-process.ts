import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import type { Seen } from "../webhook-receiver";

const SCRIPT = fileURLToPath(new URL("./webhook-receiver.js", import.meta.url));

/** Where the receiver's process listens. */
export interface ReceiverAddress {
  readonly port: number;
  /** The callback whose deliveries are verified and put in order. */
  readonly url: string;
  readonly secret: string;
}

/** The process that receives webhooks. */
export class ReceiverProcess {
  private constructor(
    private readonly child: ChildProcess,
    readonly address: ReceiverAddress,
  ) {}

  static async start(): Promise<ReceiverProcess> {
    const child = spawn(process.execPath, [SCRIPT], { stdio: ["pipe", "pipe", "inherit"] });
    const [line] = await once(child.stdout, "data");
    return new ReceiverProcess(child, JSON.parse(String(line)) as ReceiverAddress);
  }

  /** Where posts are only counted. */
  plainUrl(name: string): string {
    return `http://127.0.0.1:${this.address.port}/plain/${name}`;
  }

  /** What was seen since it was last asked. */
  async told(): Promise<Seen> {
    const response = await fetch(`http://127.0.0.1:${this.address.port}/told`);
    return (await response.json()) as Seen;
  }

  async close(): Promise<void> {
    const exited = once(this.child, "exit");
    this.child.stdin?.end();
    await exited;
  }
}

/** A receiver that starts when it is first asked for. */
export class LazyReceiver {
  #process: Promise<ReceiverProcess> | undefined;

  get(): Promise<ReceiverProcess> {
    this.#process ??= ReceiverProcess.start();
    return this.#process;
  }

  async close(): Promise<void> {
    await (await this.#process)?.close();
    this.#process = undefined;
  }
}
