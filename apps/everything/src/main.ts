#!/usr/bin/env node
import { HELP, VERSION } from "./help";
import { onOrphaned, onSignal } from "./lifetime";
import { type EverythingOptions, parseCommand, UsageError } from "./options";
import { startEverything } from "./start";

/** Longest time an orderly end may take, in milliseconds. */
const CLOSE_MS = 3_000;

async function serve(options: EverythingOptions): Promise<void> {
  const app = await startEverything(options);
  const end = async () => {
    setTimeout(() => process.exit(0), CLOSE_MS).unref();
    await app.close();
    process.exit(0);
  };
  onSignal(() => void end());
  onOrphaned(() => void end());
  void app.ended.then(end);
  if (app.url === undefined) return;
  const { sdk, profile } = options;
  process.stdout.write(`${JSON.stringify({ url: app.url, sdk, profile, pid: process.pid })}\n`);
}

async function main(): Promise<void> {
  const command = parseCommand(process.argv.slice(2));
  if (command.kind === "help") process.stdout.write(HELP);
  else if (command.kind === "version") process.stdout.write(`${VERSION}\n`);
  else await serve(command.options);
}

main().catch((error: unknown) => {
  const usage = error instanceof UsageError;
  const message = error instanceof Error ? error.message : String(error);
  process.stderr.write(`mcp-events-everything: ${message}\n${usage ? "Try --help.\n" : ""}`);
  process.exit(usage ? 2 : 1);
});
