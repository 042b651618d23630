import type { HttpFault } from "../faults/profiles";
import type { StdioTally } from "../faults/stdio-faults";
import type { PostTally } from "../github/poster";
import type { DemoOptions } from "../options";
import type { PathResult } from "./checker";

/** What a path came to. */
export interface PathReport extends PathResult {
  /** Which MCP SDK its client used. */
  readonly sdk: string;
  /** Streams opened again, requests that failed, processes started again. */
  readonly reconnects: number;
}

/** What went wrong on purpose. */
export interface Injected {
  readonly http: Readonly<Record<HttpFault, number>>;
  /** Between the server and the receivers of webhooks. */
  readonly webhooks: Readonly<Record<HttpFault, number>>;
  readonly stdio: Readonly<StdioTally>;
  readonly kills: number;
}

/** What a run came to; what `--json` prints. */
export interface DemoResult {
  /** Every path saw the emitter's sequence, and the emitter emitted what was posted. */
  readonly ok: boolean;
  readonly options: Omit<DemoOptions, "json">;
  readonly deliveries: {
    readonly posted: number;
    /** Recorded deliveries posted as they were recorded. */
    readonly recorded: number;
    /** Replays, moved to other repositories and numbers. */
    readonly replayed: number;
    /** Different `X-GitHub-Event` kinds. */
    readonly kinds: number;
  } & Omit<PostTally, "failures">;
  /** Event types every path subscribed to. */
  readonly subscribedTypes: readonly string[];
  /** Events of all types. */
  readonly emitted: number;
  /** Events of the subscribed types. */
  readonly expected: number;
  readonly paths: readonly PathReport[];
  readonly injected: Injected;
  /** What was wrong with the emitter or the run itself, in words. */
  readonly problems: readonly string[];
  readonly durationMs: number;
}
