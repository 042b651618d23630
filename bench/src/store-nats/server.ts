import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { connect, type NatsConnection } from "@nats-io/transport-node";

let server: { readonly child: ChildProcess; readonly dir: string; readonly url: string } | undefined;

/** A `nats-server` of the bench's own, kept between rounds; it has to be installed. */
export async function serverUrl(): Promise<string> {
  if (server !== undefined) return server.url;
  const port = await freePort();
  const dir = mkdtempSync(join(tmpdir(), "mcp-events-bench-"));
  const argv = ["-js", "-a", "127.0.0.1", "-p", String(port), "-sd", dir];
  const child = spawn("nats-server", argv, { stdio: "ignore" });
  await new Promise<void>((resolve, reject) => {
    child.once("error", reject);
    child.once("spawn", resolve);
  });
  const url = `nats://127.0.0.1:${port}`;
  server = { child, dir, url };
  const nc = await connection();
  await nc.close();
  return url;
}

/** Ends the server and removes what it stored. */
export async function stopServer(): Promise<void> {
  if (server === undefined) return;
  const { child, dir } = server;
  server = undefined;
  const ended = new Promise((resolve) => child.once("exit", resolve));
  child.kill("SIGKILL");
  await ended;
  rmSync(dir, { recursive: true, force: true });
}

/** A connection to the server. */
export async function connection(): Promise<NatsConnection> {
  return connect({ servers: await serverUrl(), waitOnFirstConnect: true });
}

let names = 0;

/** A name that was not used before. */
export function freshName(): string {
  names += 1;
  return `bench-${names}`;
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer();
    probe.once("error", reject);
    probe.listen(0, "127.0.0.1", () => {
      const { port } = probe.address() as { port: number };
      probe.close(() => resolve(port));
    });
  });
}
