import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";

const MAIN = join(import.meta.dirname, "..", "..", "dist", "main.js");

/** One of several processes of the built program that share a store. */
export interface Replica {
  /** Where it listens now; `undefined` while it is down. */
  readonly url: string | undefined;
  start(): Promise<void>;
  /** Ends it as a crash would, or in order. */
  end(signal: "SIGKILL" | "SIGTERM"): Promise<void>;
}

/** A replica on a store; not started yet. */
export function replica(store: string, flags: readonly string[] = []): Replica {
  let child: ChildProcess | undefined;
  let url: string | undefined;
  return {
    get url() {
      return url;
    },
    async start() {
      if (!existsSync(MAIN)) throw new Error(`${MAIN} is missing: build the app first`);
      const argv = [
        MAIN,
        "--http",
        "0",
        "--store",
        store,
        "--replicas",
        "--allow-loopback-webhooks",
        ...flags,
      ];
      const started = spawn(process.execPath, argv, { stdio: ["ignore", "pipe", "inherit"] });
      child = started;
      for await (const line of createInterface({ input: started.stdout! })) {
        url = new URL(JSON.parse(line).url).origin;
        return;
      }
      throw new Error("the replica wrote nothing");
    },
    async end(signal) {
      const running = child;
      child = undefined;
      url = undefined;
      if (running === undefined || running.exitCode !== null || running.signalCode !== null) return;
      running.kill(signal);
      await once(running, "exit");
    },
  };
}
