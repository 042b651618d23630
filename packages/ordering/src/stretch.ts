import type { Awaitable, Entry, Page } from "./contracts";
import { Deque } from "./deque";
import { type Evaluation, evaluate, type Outcome } from "./evaluation";
import { ItemRing } from "./item-ring";
import type { ResolvedViewOptions } from "./view-options";

/**
 * What came of reading on: `advanced` a page; `end` nothing is left to read; `hole` retention was faster;
 * `elsewhere` another stretch has what comes next; `busy` a read or the evaluations under way have to finish first.
 */
export type Progress = "advanced" | "end" | "hole" | "elsewhere" | "busy";

/** What a stretch needs to know of the others of its view. */
export interface Neighbours {
  /** Whether another stretch has what follows after `stretch`. */
  isCovered(stretch: Stretch): boolean;
  /** Where the next stretch after `stretch` begins. */
  ceiling(stretch: Stretch): number;
  /** Notes the epoch that the log says it has. */
  noteEpoch(epoch: number): void;
}

/** A reader as its stretch sees it. */
export interface Member {
  /** There is an item, a hole or an error. */
  news(): void;
  /** A read or an evaluation has finished. */
  step(): void;
}

interface Slot {
  readonly entry: Entry;
  done: boolean;
  outcome: Outcome;
  evaluation: Evaluation | undefined;
}

/**
 * A contiguous part of a view, read and evaluated once for all readers that are in it. Evaluations run ahead of each
 * other up to `lookAhead`; results leave in log order (ORDERING rule 5).
 */
export class Stretch {
  readonly ring: ItemRing;
  /** Readers that are in it. */
  readonly members = new Set<Member>();
  /** Entries at or before this number were evaluated. */
  through: number;
  /** Entries at or before this number were read. */
  scan: number;
  /** Number of the log's last entry when it was last read. */
  head = 0;
  /** The log said that nothing is left to read; holds until the next append. */
  ended = false;
  /** Where the view goes on after a hole. */
  hole: number | undefined;
  /** What the log threw; taken by the first reader that comes. */
  error: { readonly cause: unknown } | undefined;
  /** Number of members that wait for news; without any nothing is read ahead. */
  awaitingNews = 0;
  /** Number of members that wait for a step. */
  awaitingStep = 0;
  readonly #slots = new Deque<Slot>();
  #reading = false;
  #filling = false;
  #stale = false;
  #closed = false;

  constructor(
    private readonly options: ResolvedViewOptions,
    private readonly neighbours: Neighbours,
    /** The log's epoch; `undefined` until it was read. */
    public epoch: number | undefined,
    start: number,
  ) {
    this.ring = new ItemRing(start, options.ringSize, options.maxKeys);
    this.through = start;
    this.scan = start;
  }

  /** Whether evaluations are under way. */
  get evaluating(): boolean {
    return this.#slots.size > 0;
  }

  /** Reads and evaluates at most `limit` entries more. What the log throws at once is thrown. */
  fill(limit: number): Progress {
    if (this.hole !== undefined) return this.evaluating ? "busy" : "hole";
    const room = Math.min(limit, this.options.lookAhead - this.#slots.size);
    if (this.#reading || this.#filling || room <= 0) return "busy";
    if (this.neighbours.isCovered(this)) return this.evaluating ? "busy" : "elsewhere";
    const { log, name } = this.options;
    this.#stale = false;
    const page = log.read({ after: this.scan, names: [name], limit: room });
    if (!isPromise(page)) return this.#apply(page);
    this.#reading = true;
    page.then(
      (value) => this.#readDone(() => this.#apply(value)),
      (cause: unknown) =>
        this.#readDone(() => {
          this.error = { cause };
        }),
    );
    return "busy";
  }

  /** Notes that the log has more. */
  appended(): void {
    this.#stale = true;
    this.ended = false;
    this.pump();
  }

  /** Reads on for those who wait for news, until there is some or nothing is left; gives up after `scanLimit` entries. */
  pump(): void {
    if (this.awaitingNews === 0) return;
    const { lookAhead, scanLimit } = this.options;
    const before = this.ring.items.end;
    let progress: Progress = "advanced";
    for (let scanned = 0; progress === "advanced" && scanned < scanLimit; scanned += lookAhead) {
      progress = this.#fillSafely(lookAhead);
      if (this.ring.items.end > before || this.error !== undefined) break;
    }
    if (this.ring.items.end > before || (progress !== "busy" && progress !== "end")) this.#callNews();
  }

  /** Stops what is under way. */
  close(): void {
    this.#closed = true;
    for (let index = this.#slots.first; index < this.#slots.end; index += 1) {
      this.#slots.at(index)?.evaluation?.cancel();
    }
  }

  #fillSafely(limit: number): Progress {
    try {
      return this.fill(limit);
    } catch (cause) {
      this.error = { cause };
      return "advanced";
    }
  }

  #readDone(apply: () => void): void {
    this.#reading = false;
    if (this.#closed) return;
    const before = this.ring.items.end;
    apply();
    this.#tell(before);
  }

  #apply(page: Page): Progress {
    this.neighbours.noteEpoch(page.epoch);
    this.epoch ??= page.epoch;
    if (this.epoch !== page.epoch) return this.#breakOff(0);
    this.head = page.head;
    if (page.truncated && page.from > this.scan) return this.#breakOff(page.from);
    const before = this.scan;
    const ceiling = this.neighbours.ceiling(this);
    this.#filling = true;
    for (const entry of page.entries) {
      if (entry.seq > ceiling) break;
      this.#start(entry);
    }
    this.#filling = false;
    const cut = page.entries.length > 0 && page.entries.at(-1)!.seq > ceiling;
    this.scan = Math.max(this.scan, cut ? ceiling : page.through);
    this.#drain();
    this.ended = !cut && !this.#stale && (page.through >= page.head || this.scan === before);
    if (!this.ended) return "advanced";
    return this.evaluating ? "busy" : "end";
  }

  #breakOff(next: number): Progress {
    this.hole = next;
    return this.evaluating ? "busy" : "hole";
  }

  #start(entry: Entry): void {
    const slot: Slot = { entry, done: false, outcome: undefined, evaluation: undefined };
    slot.evaluation = evaluate(this.options, entry, (outcome) => {
      slot.done = true;
      slot.outcome = outcome;
      if (!this.#filling) this.#evaluationDone();
    });
    if (slot.done && this.#slots.size === 0) this.#release(slot);
    else this.#slots.push(slot);
  }

  #evaluationDone(): void {
    const before = this.ring.items.end;
    const through = this.through;
    this.#drain();
    if (this.through > through) this.#tell(before);
  }

  #drain(): void {
    while (this.#slots.at(this.#slots.first)?.done) this.#release(this.#slots.shift()!);
    const open = this.#slots.at(this.#slots.first);
    this.through = Math.max(this.through, open === undefined ? this.scan : open.entry.seq - 1);
  }

  #release({ entry, outcome }: Slot): void {
    if (outcome !== undefined) this.ring.push(entry, outcome);
  }

  #tell(before: number): void {
    if (this.awaitingStep > 0) for (const member of this.members) member.step();
    if (this.ring.items.end > before || this.error !== undefined) this.#callNews();
    else this.pump();
  }

  #callNews(): void {
    if (this.awaitingNews > 0) for (const member of this.members) member.news();
  }
}

function isPromise<T>(value: Awaitable<T>): value is Promise<T> {
  return typeof (value as { then?: unknown }).then === "function";
}
