import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { connect, createServer, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** A NATS server of this test's own. */
export interface TestServer {
  readonly url: string;
  readonly port: number;
  /** Ends it as a crash would, or in order. */
  kill(signal?: "SIGKILL" | "SIGTERM"): Promise<void>;
  /** Starts it again, on the same port with the same data. */
  start(): Promise<void>;
  /** Ends it and removes its data. */
  close(): Promise<void>;
}

const STARTS_WITHIN_MS = 15_000;

/** A port of loopback that was free a moment ago. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as { port: number };
  server.close();
  await once(server, "close");
  return port;
}

/**
 * Starts the installed `nats-server` with JetStream on loopback.
 *
 * @throws Error when it is not installed or does not start: nothing here is skipped.
 */
export async function startNatsServer(config = ""): Promise<TestServer> {
  const dir = mkdtempSync(join(tmpdir(), "mcp-events-nats-"));
  const port = await freePort();
  const file = join(dir, "server.conf");
  writeFileSync(file, `listen: 127.0.0.1:${port}\njetstream { store_dir: "${dir}" }\n${config}\n`);
  let child: ChildProcess | undefined;
  const kill = async (signal: "SIGKILL" | "SIGTERM" = "SIGKILL") => {
    const running = child;
    child = undefined;
    if (running === undefined || running.exitCode !== null) return;
    running.kill(signal);
    await once(running, "exit");
  };
  const start = async () => {
    child = await run(file, port);
  };
  await start();
  return {
    url: `nats://127.0.0.1:${port}`,
    port,
    kill,
    start,
    async close() {
      await kill();
      rmSync(dir, { recursive: true, force: true });
    },
  };
}

async function run(file: string, port: number): Promise<ChildProcess> {
  const child = spawn("nats-server", ["-c", file], { stdio: ["ignore", "ignore", "pipe"] });
  let output = "";
  child.stderr!.on("data", (chunk: Buffer) => {
    output = (output + chunk.toString()).slice(-4_000);
  });
  const failed = new Promise<never>((_, reject) => {
    child.once("error", (error) =>
      reject(new Error(`nats-server is needed (apt-get install nats-server): ${error}`)),
    );
    child.once("exit", (code) => reject(new Error(`nats-server ended with ${code}: ${output}`)));
  });
  failed.catch(() => {});
  await Promise.race([untilReachable(port), failed]);
  return child;
}

async function untilReachable(port: number): Promise<void> {
  const until = Date.now() + STARTS_WITHIN_MS;
  while (!(await greets(port))) {
    if (Date.now() > until) throw new Error(`nothing answers on port ${port}`);
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
}

/** Whether a NATS server greets on a port of loopback. */
function greets(port: number, host = "127.0.0.1"): Promise<boolean> {
  return new Promise((resolve) => {
    const socket: Socket = connect({ port, host, timeout: 1_000 });
    const end = (found: boolean) => {
      socket.destroy();
      resolve(found);
    };
    socket.once("data", (data) => end(data.toString().startsWith("INFO")));
    socket.once("error", () => end(false));
    socket.once("timeout", () => end(false));
    socket.once("close", () => resolve(false));
  });
}

/** The server that `NATS_URL` names, the one on 4222, or one that is started; nothing else will do. */
export async function testServer(): Promise<{ readonly url: string; close(): Promise<void> }> {
  const url = process.env.NATS_URL;
  if (url !== undefined && url !== "") return { url, close: async () => {} };
  if (await greets(4222)) return { url: "nats://127.0.0.1:4222", close: async () => {} };
  return startNatsServer();
}
