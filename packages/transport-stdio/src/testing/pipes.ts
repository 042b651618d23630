import { type ChildProcessByStdio, spawn } from "node:child_process";
import type { Readable, Writable } from "node:stream";
import type { JsonObject } from "@mcp-events/protocol";

type Pipe = ChildProcessByStdio<Writable, Readable, null>;

/** Two pipes of the operating system, as between a server and the process that started it, each through `cat`. */
export class Pipes {
  readonly #toServer: Pipe = spawn("cat", { stdio: ["pipe", "pipe", "ignore"] });
  readonly #toClient: Pipe = spawn("cat", { stdio: ["pipe", "pipe", "ignore"] });

  constructor() {
    for (const pipe of [this.#toServer, this.#toClient]) {
      pipe.stdin.on("error", () => {});
      pipe.stdout.on("error", () => {});
    }
  }

  /** What the server has for stdin and stdout. */
  get server(): { stdin: Readable; stdout: Writable } {
    return { stdin: this.#toServer.stdout, stdout: this.#toClient.stdin };
  }

  /** The client's end. */
  get client(): { input: Readable; output: Writable } {
    return { input: this.#toClient.stdout, output: this.#toServer.stdin };
  }

  /** Kills both, as when the client's process dies. */
  cut(): void {
    this.#toServer.kill("SIGKILL");
    this.#toClient.kill("SIGKILL");
  }
}

/** The client's end of a stdio connection: an MCP transport for the clients of both SDK lines. */
export class LineTransport {
  onmessage?: ((message: JsonObject) => void) | undefined;
  onclose?: (() => void) | undefined;
  onerror?: ((error: Error) => void) | undefined;
  #rest = "";
  #closed = false;

  constructor(
    private readonly input: Readable,
    private readonly output: Writable,
  ) {}

  async start(): Promise<void> {
    this.input.setEncoding("utf8");
    this.input.on("data", (text: string) => this.#read(text));
    this.input.on("close", () => this.#end());
    this.input.on("end", () => this.#end());
  }

  async send(message: unknown): Promise<void> {
    this.output.write(`${JSON.stringify(message)}\n`);
  }

  async close(): Promise<void> {
    this.output.end();
    this.#end();
  }

  /** Stops reading, so that the pipe fills up. */
  stall(): () => void {
    this.input.pause();
    return () => this.input.resume();
  }

  #read(text: string): void {
    const lines = (this.#rest + text).split("\n");
    this.#rest = lines.pop() ?? "";
    for (const line of lines) this.onmessage?.(JSON.parse(line));
  }

  #end(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.onclose?.();
  }
}
