import type { Writable } from "node:stream";
import { CommanderError } from "commander";
import type { Context } from "./context";
import { EXIT_CODES, type ExitCode } from "./exit-codes";
import { OutputClosed } from "./failures/cli-error";
import { describeFailure } from "./failures/describe-failure";
import { stylesFor, wantsColor } from "./format/styles";
import { Output } from "./output";
import { makeProgram } from "./program";

/** What `runCli` runs in; by default this process. */
export interface RunCliOptions {
  /** Takes data. */
  readonly stdout?: Writable | undefined;
  /** Takes everything else. */
  readonly stderr?: Writable | undefined;
  readonly env?: Readonly<Record<string, string | undefined>> | undefined;
  /** Ends the command in an orderly way, with exit code 0. */
  readonly signal?: AbortSignal | undefined;
}

/**
 * Runs `mcp-events` inside of this process.
 *
 * @param argv - The words after the program's name, such as `["list", "--url", "http://127.0.0.1:8931/mcp"]`.
 * @returns the exit code; never rejects.
 */
export async function runCli(argv: readonly string[], options: RunCliOptions = {}): Promise<ExitCode> {
  const { stdout = process.stdout, stderr = process.stderr, env = process.env, signal } = options;
  const out = new Output(stdout, stderr);
  const styles = stylesFor(wantsColor(env, (stdout as { isTTY?: boolean }).isTTY === true));
  const ended = signal === undefined ? out.closed : AbortSignal.any([signal, out.closed]);
  const { words, serverCommand } = splitAtDashes(argv);
  const context: Context = { out, styles, env, signal: ended, serverCommand };
  const program = makeProgram(context, (text) => stdout.write(text));
  try {
    await program.parseAsync(words, { from: "user" });
    return EXIT_CODES.ok;
  } catch (error) {
    return exitCodeOf(error, context);
  }
}

/** What stands after the first `--` belongs to the server. */
function splitAtDashes(argv: readonly string[]) {
  const at = argv.indexOf("--");
  if (at < 0) return { words: argv, serverCommand: undefined };
  return { words: argv.slice(0, at), serverCommand: argv.slice(at + 1) };
}

function exitCodeOf(error: unknown, { out, signal }: Context): ExitCode {
  if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT_CODES.ok : EXIT_CODES.usage;
  // Told to end, whatever was under way fails; that is no failure of the command.
  if (error instanceof OutputClosed || signal.aborted) return EXIT_CODES.ok;
  const { exitCode, message, hint } = describeFailure(error);
  out.note(`mcp-events: ${message}`);
  if (hint !== undefined) out.note(hint);
  return exitCode;
}
