import type { Clock, JsonObject } from "@mcp-events/protocol";
import type { Awaitable, Entry, EventLog } from "./contracts";
import type { Reader } from "./reader";

/** What a {@link View} is made of. */
export interface ViewOptions {
  readonly log: EventLog;
  /** Name of the event type. */
  readonly name: string;
  /** Who reads: {@link audienceOf}. */
  readonly audience: string;
  /** Whether an event belongs to the view; default: all do. A function of the event and the arguments (rule 5). */
  readonly match?: ((data: JsonObject, entry: Entry) => Awaitable<boolean>) | undefined;
  /** Shapes the data; default: as it is. */
  readonly transform?: ((data: JsonObject, entry: Entry) => Awaitable<JsonObject>) | undefined;
  readonly clock: Clock;
  /** Entries evaluated ahead of the first unfinished one; default 64. */
  readonly lookAhead?: number | undefined;
  /** Recent results kept for the readers of one stretch of the log; default 256, at least twice `lookAhead`. */
  readonly ringSize?: number | undefined;
  /** Entries looked at by one `take`; default 1000. */
  readonly scanLimit?: number | undefined;
  /** Time for one attempt at `match` and `transform`; default 5000. */
  readonly evaluationTimeoutMs?: number | undefined;
  /** Attempts after the first; default 2. */
  readonly evaluationRetries?: number | undefined;
  /** Pause before the first retry, doubled for each next; default 100. */
  readonly evaluationBackoffMs?: number | undefined;
  /** Ordering keys remembered for `keyPrev`; default 10,000. */
  readonly maxKeys?: number | undefined;
  /** Told of each entry whose evaluation was given up. */
  readonly onGiveUp?: ((entry: Entry, error: unknown) => void) | undefined;
}

/** The events of a log that equal subscriptions get (ORDERING rule 5): one for each (log, name, arguments, principal). */
export class View {
  /** @throws EventsError `option_invalid` naming the option. */
  constructor(readonly options: ViewOptions) {}
  /** Number of readers not yet released. */
  get readers(): number {
    throw new Error("not yet");
  }
  /** A reader of everything of the view after number `after`. */
  reader(_after: number): Reader {
    throw new Error("not yet");
  }
  /** Ends all readers and everything under way. Idempotent. */
  close(): void {
    throw new Error("not yet");
  }
}
