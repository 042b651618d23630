#!/usr/bin/env node
import { runCli } from "./run-cli";

/** Exit code of a process that a second SIGINT ends at once. */
const INTERRUPTED = 130;

const ending = new AbortController();
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
  process.on(signal, () => {
    if (ending.signal.aborted) process.exit(INTERRUPTED);
    ending.abort();
  });
}

const exitCode = await runCli(process.argv.slice(2), { signal: ending.signal });
// What was written may still be on its way to a pipe.
process.stdout.write("", () => process.exit(exitCode));
