import { EventsError, type JsonObject } from "@mcp-events/protocol";
import type { Awaitable, Entry } from "./contracts";
import type { ResolvedViewOptions } from "./view-options";

/** What an entry is in a view; `undefined` when it does not belong to it. */
export type Outcome = { readonly kind: "event" | "gap"; readonly data: JsonObject } | undefined;

/** An evaluation under way. */
export interface Evaluation {
  /** Stops waiting and retrying; `done` is not called any more. */
  cancel(): void;
}

const GAP: Outcome = { kind: "gap", data: {} };

/**
 * Evaluates `match` and `transform` for one entry (ORDERING rule 5): at once when they answer at once, and then
 * `done` is called before this returns.
 */
export function evaluate(
  options: ResolvedViewOptions,
  entry: Entry,
  done: (outcome: Outcome) => void,
): Evaluation | undefined {
  if (entry.audience !== undefined && entry.audience !== options.audience) {
    done(undefined);
    return undefined;
  }
  if (entry.kind === "gap") {
    done(GAP);
    return undefined;
  }
  const attempts = new Attempts(options, entry, done);
  attempts.start();
  return attempts.finished ? undefined : attempts;
}

/** The attempts at one entry: each has a time limit, the last failure makes it a gap. */
class Attempts implements Evaluation {
  finished = false;
  #made = 0;
  #waiting = false;
  #stopTimer: (() => void) | undefined;

  constructor(
    private readonly options: ResolvedViewOptions,
    private readonly entry: Entry,
    private readonly done: (outcome: Outcome) => void,
  ) {}

  start(): void {
    this.#made += 1;
    let outcome: Awaitable<Outcome>;
    try {
      outcome = attempt(this.options, this.entry);
    } catch (error) {
      this.#failed(error);
      return;
    }
    if (isPromise(outcome)) this.#wait(outcome);
    else this.#finish(outcome);
  }

  cancel(): void {
    this.finished = true;
    this.#waiting = false;
    this.#stopTimer?.();
  }

  #wait(outcome: Promise<Outcome>): void {
    const made = this.#made;
    const isCurrent = () => this.#waiting && this.#made === made;
    const { clock, evaluationTimeoutMs } = this.options;
    this.#waiting = true;
    this.#stopTimer = clock.after(evaluationTimeoutMs, () => {
      this.#failed(timedOut(this.entry, evaluationTimeoutMs));
    });
    outcome.then(
      (value) => {
        if (isCurrent()) this.#finish(value);
      },
      (error: unknown) => {
        if (isCurrent()) this.#failed(error);
      },
    );
  }

  #failed(error: unknown): void {
    this.#stopTimer?.();
    this.#waiting = false;
    const { clock, evaluationBackoffMs, evaluationRetries, onGiveUp } = this.options;
    if (this.#made > evaluationRetries) {
      onGiveUp?.(this.entry, error);
      this.#finish(GAP);
      return;
    }
    const pauseMs = evaluationBackoffMs * 2 ** (this.#made - 1);
    this.#stopTimer = clock.after(pauseMs, () => this.start());
  }

  #finish(outcome: Outcome): void {
    this.cancel();
    this.done(outcome);
  }
}

function attempt(options: ResolvedViewOptions, entry: Entry): Awaitable<Outcome> {
  const belongs = options.match?.(entry.data, entry) ?? true;
  if (isPromise(belongs)) return belongs.then((yes) => (yes ? shape(options, entry) : undefined));
  return belongs ? shape(options, entry) : undefined;
}

function shape({ transform }: ResolvedViewOptions, entry: Entry): Awaitable<Outcome> {
  if (transform === undefined) return { kind: "event", data: entry.data };
  const data = transform(entry.data, entry);
  if (isPromise(data)) return data.then((shaped) => ({ kind: "event", data: shaped }));
  return { kind: "event", data };
}

function isPromise<T>(value: Awaitable<T>): value is Promise<T> {
  return typeof (value as { then?: unknown } | undefined)?.then === "function";
}

function timedOut(entry: Entry, ms: number): EventsError {
  return new EventsError(
    "timed_out",
    `match or transform of event "${entry.eventId}" took longer than ${ms} ms`,
    {
      retryable: true,
    },
  );
}
