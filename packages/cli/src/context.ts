import type { Styles } from "./format/styles";
import type { Output } from "./output";

/** What a command runs in. */
export interface Context {
  readonly out: Output;
  /** How lines on stdout are set off. */
  readonly styles: Styles;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Aborts when the command is to end in an orderly way: SIGINT, SIGTERM, a reader that left. */
  readonly signal: AbortSignal;
  /** What stood after `--`; `undefined` when there was no `--`. */
  readonly serverCommand: readonly string[] | undefined;
}
