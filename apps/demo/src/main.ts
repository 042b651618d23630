#!/usr/bin/env node
import { HELP, parseCommand, UsageError } from "./options";
import { formatReport } from "./result/report";
import { DemoRun } from "./run";

/** Exit codes: every path identical, not so, wrong usage, ended by a signal. */
const EXIT = { identical: 0, different: 1, usage: 2, interrupted: 130 } as const;

async function main(): Promise<number> {
  const command = parseCommand(process.argv.slice(2));
  if (command.kind === "help") {
    process.stdout.write(HELP);
    return EXIT.identical;
  }
  const { options } = command;
  const interrupt = new AbortController();
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, () => interrupt.abort());
  try {
    const output = options.json ? process.stderr : process.stdout;
    const result = await new DemoRun(options).run(output, interrupt.signal);
    process.stdout.write(options.json ? `${JSON.stringify(result)}\n` : formatReport(result));
    return result.ok ? EXIT.identical : EXIT.different;
  } catch (error) {
    if (!interrupt.signal.aborted) throw error;
    process.stderr.write("interrupted; every process that was started is ended\n");
    return EXIT.interrupted;
  }
}

main().then(
  (code) => process.exit(code),
  (error: unknown) => {
    const usage = error instanceof UsageError;
    process.stderr.write(`demo: ${error instanceof Error ? error.message : String(error)}\n`);
    if (usage) process.stderr.write("Try --help.\n");
    process.exit(usage ? EXIT.usage : EXIT.different);
  },
);
