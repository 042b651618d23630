import type { ConsumerLine, EmitLine, EventLine, GapLine, Place } from "./record-lines";

/** What a run is held to. */
export interface Expectation {
  /** Whether the log outlives its process: then no gap is right, and whatever was acknowledged arrives. */
  readonly durable: boolean;
  /** How often the process that holds the log began, the first time included: at most so many epochs. */
  readonly serverStarts: number;
  /** Items that may be handled and not stored when a process is killed; they may come again, in their order. */
  readonly unstored: number;
}

/** What became of a run's events. */
export interface RecordResult {
  /** Events acknowledged to the emitter. */
  readonly acknowledged: number;
  /** Events handled, repetitions that a kill explains not counted. */
  readonly handled: number;
  /** Acknowledged events that lie in a gap that was told in its place. */
  readonly told: number;
  /** Events and gaps handled again because a kill came between handler and commit. */
  readonly again: number;
  readonly gaps: number;
  /** What is wrong, in words; empty when nothing is. */
  readonly problems: readonly string[];
}

/**
 * Compares a consumer's durable record with the emitter's: in each epoch, what was delivered and what lies in a gap that
 * was told are the acknowledged events, each once and in order (ORD-1, ORD-2, ORD-3, ORD-7). After a kill what was handled
 * and not stored may come again, and nothing else (ORD-9).
 */
export function checkRecord(
  emits: readonly EmitLine[],
  lines: readonly ConsumerLine[],
  expected: Expectation,
): RecordResult {
  const walk = new Walk(emits, expected);
  for (const line of lines) walk.take(line);
  return walk.finish();
}

type Item = EventLine | GapLine;

class Walk {
  readonly #problems: string[] = [];
  readonly #called: ReadonlySet<string>;
  readonly #acknowledged: readonly (Place & { eventId: string })[];
  readonly #byPlace: ReadonlyMap<string, string>;
  readonly #seen = new Set<string>();
  /** Everything at or before it was delivered or told. */
  #at: Place | undefined;
  /** What was handled last, oldest first. */
  #recent: Item[] = [];
  /** What may come again. */
  #unstored: Item[] = [];
  #handled = 0;
  #told = 0;
  #again = 0;
  #gaps = 0;

  constructor(
    emits: readonly EmitLine[],
    private readonly expected: Expectation,
  ) {
    this.#called = new Set(emits.map(({ eventId }) => eventId));
    this.#acknowledged = emits.flatMap(({ eventId, acknowledged }) =>
      acknowledged === undefined ? [] : [{ eventId, ...acknowledged }],
    );
    this.#byPlace = new Map(this.#acknowledged.map((one) => [keyOf(one), one.eventId]));
    this.#emitOrder();
  }

  take(line: ConsumerLine): void {
    if (line.kind === "started") {
      this.#unstored = this.#recent;
      return;
    }
    const copy = this.#unstored.findIndex((item) => isSame(line, item));
    this.#unstored = copy < 0 ? [] : this.#unstored.slice(copy + 1);
    if (copy >= 0) {
      this.#again += 1;
      return;
    }
    if (line.kind === "event") this.#event(line);
    else this.#gap(line);
    this.#recent = [...this.#recent, line].slice(-this.expected.unstored);
  }

  finish(): RecordResult {
    const rest = this.#acknowledged.filter((one) => this.#at === undefined || isBefore(this.#at, one));
    if (rest.length > 0) this.#problems.push(`${rest.length} at the end never came: ${show(rest)}`);
    return {
      acknowledged: this.#acknowledged.length,
      handled: this.#handled,
      told: this.#told,
      again: this.#again,
      gaps: this.#gaps,
      problems: this.#problems,
    };
  }

  #event(line: EventLine): void {
    const where = `${line.eventId} at ${keyOf(line)}`;
    this.#handled += 1;
    const emitted = this.#byPlace.get(keyOf(line));
    if (emitted === undefined ? !this.#called.has(line.eventId) : emitted !== line.eventId) {
      this.#problems.push(`${where} was not emitted there`);
    }
    if (this.expected.durable && this.#seen.has(line.eventId)) this.#problems.push(`${where} came twice`);
    if (this.#at !== undefined && !isBefore(this.#at, line)) {
      const known = this.#seen.has(keyOf(line)) ? "was repeated" : "came late";
      this.#problems.push(`${where} ${known}, after ${keyOf(this.#at)}`);
      return;
    }
    this.#seen.add(line.eventId).add(keyOf(line));
    if (this.#at !== undefined && this.#at.epoch !== line.epoch) {
      this.#problems.push(`${where}: the log began anew and no gap said so`);
    }
    const missing = this.#between(this.#at, line);
    if (missing.length > 0)
      this.#problems.push(`${show(missing)} missing before ${where}, and no gap said so`);
    this.#at = line;
  }

  #gap({ reason, to }: GapLine): void {
    this.#gaps += 1;
    if (to === undefined) {
      this.#problems.push(`a gap ${reason} does not say where it ends`);
      return;
    }
    const where = `gap ${reason} to ${keyOf(to)}`;
    if (this.expected.durable) this.#problems.push(`${where}: the log is durable`);
    if (reason !== "reset") this.#problems.push(`${where}: only the log's end is a reason here`);
    if (this.#at !== undefined && to.epoch <= this.#at.epoch) {
      this.#problems.push(`${where}: the log did not begin anew after ${keyOf(this.#at)}`);
    }
    if (this.#gaps >= this.expected.serverStarts) this.#problems.push(`${where}: more gaps than restarts`);
    const told = this.#acknowledged.filter(
      (one) => (this.#at === undefined || isBefore(this.#at, one)) && !isBefore(to, one),
    );
    const living = told.filter(({ epoch }) => epoch === to.epoch);
    if (living.length > 0) this.#problems.push(`${where} takes in ${show(living)}, which the log still has`);
    this.#told += told.length;
    this.#at = to;
  }

  /** Acknowledged events after `after` (absent: the first of all) and before `before`. */
  #between(after: Place | undefined, before: Place) {
    return this.#acknowledged.filter(
      (one) => (after === undefined || isBefore(after, one)) && isBefore(one, before),
    );
  }

  /** The emitter waited for each acknowledgement, so the numbers have the order of the calls (ORD-8). */
  #emitOrder(): void {
    const epochs = new Set(this.#acknowledged.map(({ epoch }) => epoch));
    const most = this.expected.durable ? 1 : this.expected.serverStarts;
    if (epochs.size > most) this.#problems.push(`${epochs.size} epochs, at most ${most} expected`);
    for (const [index, one] of this.#acknowledged.entries()) {
      const previous = this.#acknowledged[index - 1];
      if (previous !== undefined && !isBefore(previous, one)) {
        this.#problems.push(`${one.eventId} was emitted after ${previous.eventId} and has a lower number`);
      }
    }
  }
}

/** Whether an item is one that was handled before the kill. */
function isSame(line: Item, last: Item): boolean {
  if (line.kind === "event") return last.kind === "event" && keyOf(line) === keyOf(last);
  return last.kind === "gap" && line.to?.epoch === last.to?.epoch;
}

function isBefore(a: Place, b: Place): boolean {
  return a.epoch === b.epoch ? a.seq < b.seq : a.epoch < b.epoch;
}

function keyOf({ epoch, seq }: Place): string {
  return `${epoch}/${seq}`;
}

function show(events: readonly (Place & { eventId: string })[]): string {
  const [first, ...more] = events;
  if (first === undefined) return "nothing";
  return `${first.eventId} at ${keyOf(first)}${more.length > 0 ? ` and ${more.length} more` : ""}`;
}
