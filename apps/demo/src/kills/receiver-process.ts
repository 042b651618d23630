import type { RunFiles } from "./stage";
/** What the process is told: one JSON argument. */
export interface KillsReceiverConfig {
  readonly seed: number;
  readonly port: number;
  readonly url: string;
  readonly window: number;
  readonly files: RunFiles;
}
