import { spawn } from "node:child_process";
import { once } from "node:events";
import { NOTIFICATIONS } from "@mcp-events/protocol";
import type { Payload } from "../event";
import { Arrivals, type PushPath } from "./path";
import { serverCommand } from "./server-process";

/** No SDK: `fetch`, and the frames of its body. */
export async function rawHttpPath(url: URL): Promise<PushPath> {
  const reader = new Reader("\n\n", (frame) => frame.slice(frame.indexOf("data: ") + "data: ".length));
  const abort = new AbortController();
  const response = await fetch(url, { signal: abort.signal });
  void read(response.body as AsyncIterable<Uint8Array>, reader);
  await reader.active;
  return {
    async run(order, seen) {
      const arrived = reader.arrivals.expect(order, seen);
      const accepted = await fetch(url, { method: "POST", body: JSON.stringify(order) });
      await accepted.arrayBuffer();
      await arrived;
    },
    async close() {
      abort.abort();
    },
  };
}

/** No SDK: a child process that writes a line of JSON for each frame. */
export async function rawStdioPath(): Promise<PushPath> {
  const { command, args } = serverCommand(["stdio", "raw"]);
  const child = spawn(command, args, { stdio: ["pipe", "pipe", "inherit"] });
  const reader = new Reader("\n", (line) => line);
  child.stdout.on("data", (chunk: Buffer) => reader.take(chunk));
  await reader.active;
  return {
    async run(order, seen) {
      const arrived = reader.arrivals.expect(order, seen);
      child.stdin.write(`${JSON.stringify(order)}\n`);
      await arrived;
    },
    async close() {
      const exited = once(child, "exit");
      child.stdin.end();
      await exited;
    },
  };
}

async function read(body: AsyncIterable<Uint8Array>, reader: Reader): Promise<void> {
  try {
    for await (const chunk of body) reader.take(chunk);
  } catch {
    // The end of the bench aborts the exchange.
  }
}

/** Splits what arrives into frames and parses each. */
class Reader {
  readonly arrivals = new Arrivals();
  readonly active: Promise<void>;
  readonly #decoder = new TextDecoder();
  #rest = "";
  #activate: () => void = () => {};

  constructor(
    private readonly separator: string,
    private readonly jsonOf: (frame: string) => string,
  ) {
    this.active = new Promise((resolve) => {
      this.#activate = resolve;
    });
  }

  take(chunk: Uint8Array): void {
    const frames = (this.#rest + this.#decoder.decode(chunk, { stream: true })).split(this.separator);
    this.#rest = frames.pop() ?? "";
    for (const frame of frames) {
      const { method, params } = JSON.parse(this.jsonOf(frame)) as {
        method: string;
        params: { data: Payload };
      };
      if (method === NOTIFICATIONS.active) this.#activate();
      else this.arrivals.take(params.data);
    }
  }
}
