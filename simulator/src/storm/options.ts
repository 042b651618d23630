import { parseArgs } from "node:util";

/** What can be chosen on the command line. */
export interface StormOptions {
  readonly runs: number;
  /** Seed of the first run; each further run has the next. */
  readonly from: number;
  /** Runs go on for so many minutes, whatever their number. */
  readonly minutes: number | undefined;
  /** Replays the run of one seed, with its trace. */
  readonly seed: number | undefined;
  /** Name of the control that is switched on. */
  readonly control: string | undefined;
  readonly workers: number | undefined;
  readonly json: boolean;
}

/** Defaults of {@link StormOptions}. */
export const STORM_DEFAULTS = { runs: 10_000, from: 1 } as const;

/** What the command line asks for. */
export type Command =
  | { readonly kind: "run"; readonly options: StormOptions }
  | { readonly kind: "help" }
  | { readonly kind: "list" };

/** A command line that cannot be followed; the message says why, for people. */
export class UsageError extends Error {
  override readonly name = "UsageError";
}

export const HELP = `Usage: npx -y pnpm@12.21.0 storm [flags]

Runs the whole server and client on a virtual clock and a faulty network, with crashes, and compares what each handler
did with the log. Exit code 0 when every run held what the ordering contract promises and every kind of fault was
injected. A failure prints its seed and a trace made as small as it gets.

  --runs N        runs, with the seeds N0, N0 + 1, …                     (default ${STORM_DEFAULTS.runs})
  --from N0       seed of the first run                                  (default ${STORM_DEFAULTS.from})
  --minutes M     run for so long instead of a number of runs
  --seed N        replay the run of one seed, with its trace
  --control NAME  switch a rule off, or a blunder on: exit code 0 when the storm catches it
  --list          the controls, and what each breaks
  --workers N     threads                                                (default: one for each core)
  --json          result as JSON on stdout, progress on stderr
  --help          this text
`;

/**
 * Reads the command line.
 *
 * @throws UsageError naming the flag that is wrong.
 */
export function parseCommand(argv: readonly string[]): Command {
  const values = readFlags(argv);
  if (values.help === true) return { kind: "help" };
  if (values.list === true) return { kind: "list" };
  return {
    kind: "run",
    options: {
      runs: whole("runs", values.runs) ?? STORM_DEFAULTS.runs,
      from: whole("from", values.from) ?? STORM_DEFAULTS.from,
      minutes: minutes(values.minutes),
      seed: whole("seed", values.seed),
      control: values.control,
      workers: whole("workers", values.workers),
      json: values.json === true,
    },
  };
}

function readFlags(argv: readonly string[]) {
  try {
    return parseArgs({
      // pnpm hands over the `--` that stands before flags.
      args: argv.filter((arg) => arg !== "--"),
      options: {
        runs: { type: "string" },
        from: { type: "string" },
        minutes: { type: "string" },
        seed: { type: "string" },
        control: { type: "string" },
        workers: { type: "string" },
        list: { type: "boolean" },
        json: { type: "boolean" },
        help: { type: "boolean" },
      },
    }).values;
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error));
  }
}

function whole(flag: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const value = Number(text);
  if (Number.isSafeInteger(value) && value > 0) return value;
  throw new UsageError(`--${flag} must be a positive whole number, not ${text}`);
}

function minutes(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const value = Number(text);
  if (Number.isFinite(value) && value > 0) return value;
  throw new UsageError(`--minutes must be a positive number, not ${text}`);
}
