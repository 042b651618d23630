import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import type { ClientDriver, Seen } from "./scenario";

/** Time a process has to end by itself, in milliseconds. */
const END_MS = 2_000;

/**
 * Starts a program for each scenario: it finds the scripted server in `MCP_EVENTS_URL`, the event type in
 * `MCP_EVENTS_TYPE` and the mode in `MCP_EVENTS_MODE`, and writes what its application saw to stdout, one JSON object a
 * line: `{"eventId": …}`, `{"type":"gap"}` or `{"type":"terminated"}`. It is ended by SIGTERM.
 */
export function commandDriver(command: string, args: readonly string[] = []): ClientDriver {
  return ({ url, type, mode }) => {
    const seen: Seen[] = [];
    const env = { ...process.env, MCP_EVENTS_URL: url, MCP_EVENTS_TYPE: type, MCP_EVENTS_MODE: mode };
    const child = spawn(command, [...args], { stdio: ["ignore", "pipe", "inherit"], env });
    const gone = once(child, "close").catch(() => {});
    createInterface({ input: child.stdout }).on("line", (line) => {
      try {
        seen.push(JSON.parse(line));
      } catch {}
    });
    return {
      seen: () => seen,
      async stop() {
        child.kill("SIGTERM");
        const timer = setTimeout(() => child.kill("SIGKILL"), END_MS);
        await gone;
        clearTimeout(timer);
      },
    };
  };
}
