import { parseArgs } from "node:util";

/** How much goes wrong on the way. */
export type FaultLevel = "none" | "default" | "hard";

const FAULT_LEVELS = ["none", "default", "hard"] as const;

/** Everything that can be chosen on the command line. */
export interface DemoOptions {
  /** Seed of every draw: which payloads, which repositories, which faults. */
  readonly seed: number;
  /** Deliveries to post. */
  readonly events: number;
  /** Repositories that replayed payloads are spread over. */
  readonly repos: number;
  readonly faults: FaultLevel;
  /** Result as JSON on stdout, progress on stderr. */
  readonly json: boolean;
}

export const DEMO_DEFAULTS: DemoOptions = {
  seed: 1,
  events: 3_000,
  repos: 50,
  faults: "default",
  json: false,
};

/** A command line that cannot be followed; the message says why, for people. */
export class UsageError extends Error {
  override readonly name = "UsageError";
}

export const HELP = `Usage: npx -y pnpm@12.21.0 demo [flags]

Posts GitHub's own recorded webhook deliveries to an MCP server, delivers its events to clients over stdio push,
HTTP push and HTTP poll through faults, and checks that each saw the emitter's sequence: none out of order, none
duplicated, none lost. Exit code 0 only then.

  --events N     deliveries to post; the 329 recorded ones, then seeded replays   (default ${DEMO_DEFAULTS.events})
  --repos N      repositories that replays are spread over                        (default ${DEMO_DEFAULTS.repos})
  --faults LEVEL none, default or hard                                            (default ${DEMO_DEFAULTS.faults})
  --seed N       seed of payloads, repositories and faults                        (default ${DEMO_DEFAULTS.seed})
  --json         result as JSON on stdout, progress on stderr
  --help         this text
`;

/** What the command line asks for. */
export type Command = { readonly kind: "run"; readonly options: DemoOptions } | { readonly kind: "help" };

/**
 * Reads the command line.
 *
 * @throws UsageError naming the flag that is wrong.
 */
export function parseCommand(argv: readonly string[]): Command {
  const values = readFlags(argv);
  if (values.help === true) return { kind: "help" };
  return {
    kind: "run",
    options: {
      seed: wholeNumber("seed", values.seed, DEMO_DEFAULTS.seed, 0, 2 ** 32 - 1),
      events: wholeNumber("events", values.events, DEMO_DEFAULTS.events, 1, 100_000),
      repos: wholeNumber("repos", values.repos, DEMO_DEFAULTS.repos, 1, 10_000),
      faults: faultLevel(values.faults),
      json: values.json === true,
    },
  };
}

function readFlags(argv: readonly string[]) {
  const args = argv[0] === "--" ? argv.slice(1) : [...argv];
  try {
    return parseArgs({
      args,
      options: {
        seed: { type: "string" },
        events: { type: "string" },
        repos: { type: "string" },
        faults: { type: "string" },
        json: { type: "boolean" },
        help: { type: "boolean", short: "h" },
      },
      allowPositionals: false,
    }).values;
  } catch (cause) {
    throw new UsageError(cause instanceof Error ? cause.message : String(cause), { cause });
  }
}

function wholeNumber(
  flag: string,
  text: string | undefined,
  fallback: number,
  min: number,
  max: number,
): number {
  if (text === undefined) return fallback;
  const value = /^\d+$/.test(text) ? Number(text) : Number.NaN;
  if (value >= min && value <= max) return value;
  throw new UsageError(`--${flag} takes a whole number from ${min} to ${max}, not "${text}"`);
}

function faultLevel(text: string | undefined): FaultLevel {
  if (text === undefined) return DEMO_DEFAULTS.faults;
  const level = FAULT_LEVELS.find((candidate) => candidate === text);
  if (level !== undefined) return level;
  throw new UsageError(`--faults takes ${FAULT_LEVELS.join(", ")}, not "${text}"`);
}
