import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";

const SCRIPT = fileURLToPath(new URL("./push-server.js", import.meta.url));

/** How the process that sends is started, for the SDKs' own stdio transports too. `BENCH_SERVER_FLAGS` go to Node. */
export function serverCommand(args: readonly string[]): { command: string; args: string[] } {
  const flags = (process.env.BENCH_SERVER_FLAGS ?? "").split(" ").filter((flag) => flag !== "");
  return { command: process.execPath, args: [...flags, SCRIPT, ...args] };
}

/** The process that serves all paths over HTTP. */
export class HttpServerProcess {
  private constructor(
    private readonly child: ChildProcess,
    private readonly port: string,
  ) {}

  static async start(): Promise<HttpServerProcess> {
    const { command, args } = serverCommand(["http"]);
    const child = spawn(command, args, { stdio: ["pipe", "pipe", "inherit"] });
    const [port] = await once(child.stdout, "data");
    return new HttpServerProcess(child, String(port).trim());
  }

  url(path: string): URL {
    return new URL(`http://127.0.0.1:${this.port}/${path}`);
  }

  async close(): Promise<void> {
    const exited = once(this.child, "exit");
    this.child.stdin?.end();
    await exited;
  }
}
