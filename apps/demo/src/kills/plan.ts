import type { SdkLine } from "../clients/connect";
import { integerBetween, pick, type Random } from "../random";

/** A way from the emitter to the consumer. */
export type KillsMode = "stdio" | "push" | "poll" | "webhook" | "receiver";

/** Which process is killed. */
export type Victim = "client" | "server" | "proxy" | "receiver";

/** The processes of each way that can be killed; on `webhook` the receiver is in the client's process. */
export const VICTIMS: Readonly<Record<KillsMode, readonly Victim[]>> = {
  stdio: ["client", "server", "proxy"],
  push: ["client", "server", "proxy"],
  poll: ["client", "server", "proxy"],
  webhook: ["client", "server", "proxy"],
  receiver: ["client", "server", "proxy", "receiver"],
};

/** Where a log outlives its process. */
export interface DurableLog {
  /** Flags that make the server keep its log; `directory` is the run's own. */
  args(directory: string): readonly string[];
}

/** One run. */
export interface KillsPlan {
  /** Seed of every draw. */
  readonly seed: number;
  readonly mode: KillsMode;
  /** The server's program, `everything`. */
  readonly serverScript: string;
  readonly serverSdk: SdkLine;
  readonly clientSdk: SdkLine;
  /** Whom to kill: one at random each time. */
  readonly victims: readonly Victim[];
  readonly kills: number;
  /** Absent: the log is in the memory of the server's process. */
  readonly durable?: DurableLog | undefined;
  /** Webhooks: deliveries that the receiver puts in order; default 0: it relies on strict order. */
  readonly window?: number | undefined;
  /** A mutation that has to be caught: the client's positions die with its process. */
  readonly forgetful?: boolean | undefined;
}

/** One kill. */
export interface KillStep {
  readonly victim: Victim;
  /**
   * After how many events handled since everything stands again; `undefined`: after `afterMs`, whatever stands, so that it
   * may strike what still starts.
   */
  readonly afterEvents: number | undefined;
  /** Wait before it, in milliseconds. */
  readonly afterMs: number;
  /** Wait before the process is started again, in milliseconds. */
  readonly downMs: number;
}

/** Draws a run's kills. */
export function drawKills(
  { victims, kills }: Pick<KillsPlan, "victims" | "kills">,
  random: Random,
): KillStep[] {
  return Array.from({ length: kills }, (_, index) => ({
    // Each of them once before any a second time.
    victim: index < victims.length ? (victims[index] as Victim) : pick(random, victims),
    afterEvents: index === 0 || random() < 0.6 ? integerBetween(random, 1, 40) : undefined,
    afterMs: integerBetween(random, 0, 250),
    downMs: integerBetween(random, 0, 60),
  }));
}
