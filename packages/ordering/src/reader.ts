import { EventsError } from "@mcp-events/protocol";
import type { Awaitable } from "./contracts";
import type { Batch, ReadItem } from "./reading";
import type { Member, Progress, Stretch } from "./stretch";
import type { ReaderHost } from "./view";

/** Why collecting stopped: nothing is left, taking again says more, or a read or an evaluation has to finish first. */
type Stop = "end" | "more" | "busy";

/** A batch in the making. */
interface Draft {
  readonly limit: number;
  readonly items: ReadItem[];
  /** Entries that may still be looked at. */
  budget: number;
  /** Whether the log was waited for; then it need not be asked again. */
  waited: boolean;
  truncated: { readonly from: number; readonly to: number } | undefined;
}

/** One subscription's place in a view (ORDERING rule 8): a position, no queue. Made by {@link View.reader}. */
export class Reader {
  #stretch: Stretch;
  #next = 0;
  #position: number;
  /** Where it began, or where it went on after a hole. */
  #start: number;
  /** Number of the view's last item at or before `#start`, as far as it is known. */
  #floor: number;
  /** Number of the item handed out last, or `#floor`. */
  #last: number;
  #released = false;
  #endNews: (() => void) | undefined;
  #endStep: (() => void) | undefined;
  readonly #member: Member = { news: () => this.#endNews?.(), step: () => this.#endStep?.() };

  constructor(
    private readonly host: ReaderHost,
    after: number,
    last: number,
  ) {
    this.#position = after;
    this.#start = after;
    this.#floor = last;
    this.#last = last;
    this.#stretch = this.#enter(host.epoch());
  }

  /** All of the view at or before this number has been handed out (rule 7). */
  get position(): number {
    return this.#position;
  }

  /**
   * The next items, at most `limit`. Never waits for new entries; waits for the log, and for the evaluation of entries
   * that are in the log until there is an item or none is left. Synchronous when log and evaluation are.
   *
   * @throws EventsError `closed` after `release`; what the log throws.
   */
  take(limit: number): Awaitable<Batch> {
    return this.#take(limit, true);
  }

  /** As {@link take}, but without waiting for evaluation: for push, where heartbeats go on while a `match` is slow. */
  takeReady(limit: number): Awaitable<Batch> {
    return this.#take(limit, false);
  }

  /**
   * Resolves when {@link takeReady} has something to tell, or on abort and release; never rejects. One call at a time:
   * the next one resolves the one before. What does not belong to the view does not count.
   */
  changed(signal?: AbortSignal): Promise<void> {
    this.#endNews?.();
    this.host.watch();
    if (this.#released || signal?.aborted === true || this.#hasNews()) return Promise.resolve();
    const stretch = this.#stretch;
    stretch.awaitingNews += 1;
    return new Promise((resolve) => {
      const end = () => {
        this.#endNews = undefined;
        stretch.awaitingNews -= 1;
        signal?.removeEventListener("abort", end);
        resolve();
      };
      this.#endNews = end;
      signal?.addEventListener("abort", end);
    });
  }

  /** Gives the place up. Idempotent. */
  release(): void {
    if (this.#released) return;
    this.#released = true;
    this.#endNews?.();
    this.#endStep?.();
    this.host.leave(this.#member, this.#stretch);
    this.host.released(this);
  }

  #take(limit: number, wait: boolean): Awaitable<Batch> {
    if (!this.host.isWatched()) this.#stretch.ended = false;
    const draft: Draft = {
      limit,
      items: [],
      budget: this.host.options.scanLimit,
      waited: false,
      truncated: undefined,
    };
    const stop = this.#collect(draft);
    return this.#mustWait(draft, stop, wait) ? this.#takeLater(draft, wait) : this.#batch(draft, stop, wait);
  }

  async #takeLater(draft: Draft, wait: boolean): Promise<Batch> {
    for (;;) {
      await this.#step();
      draft.waited = true;
      const stop = this.#collect(draft);
      if (!this.#mustWait(draft, stop, wait)) return this.#batch(draft, stop, wait);
    }
  }

  /** Waits until a read or an evaluation has finished. */
  #step(): Promise<void> {
    const stretch = this.#stretch;
    const endBefore = this.#endStep;
    stretch.awaitingStep += 1;
    return new Promise((resolve) => {
      this.#endStep = () => {
        this.#endStep = undefined;
        stretch.awaitingStep -= 1;
        endBefore?.();
        resolve();
      };
    });
  }

  #mustWait(draft: Draft, stop: Stop, wait: boolean): boolean {
    if (stop !== "busy" || !isEmpty(draft)) return false;
    return wait || !this.#stretch.evaluating;
  }

  /** Moves what there is into the draft, and reads on as far as it goes at once. */
  #collect(draft: Draft): Stop {
    for (;;) {
      if (this.#released) throw new EventsError("closed", "take: the reader was released");
      this.#copy(draft);
      if (draft.items.length >= draft.limit) return this.#isAtEnd() ? "end" : "more";
      const stretch = this.#stretch;
      if (stretch.error !== undefined) {
        if (!isEmpty(draft)) return "more";
        throw takeError(stretch);
      }
      if ((draft.waited || draft.items.length > 0) && this.#isAtEnd()) return "end";
      if (draft.budget <= 0) return "more";
      const wanted = Math.min(draft.limit - draft.items.length, draft.budget);
      draft.budget -= wanted;
      const progress = this.#fill(stretch, stretch.evaluating ? this.host.options.lookAhead : wanted);
      if (progress === "advanced") continue;
      if (progress === "elsewhere") this.#move();
      else if (progress === "hole") {
        if (draft.items.length > 0) return "more";
        this.#skip(draft, stretch.hole!);
      } else if (!this.#copy(draft)) return progress;
    }
  }

  /** Copies the items that are there, and moves the position; whether there were any. */
  #copy(draft: Draft): boolean {
    if (this.#next < this.#stretch.ring.items.first) this.#move();
    const { items } = this.#stretch.ring;
    const before = draft.items.length;
    for (; this.#next < items.end && draft.items.length < draft.limit; this.#next += 1) {
      const item = items.at(this.#next)!;
      if (item.entry.seq <= this.#position) continue;
      draft.items.push(this.#chain(item));
      this.#position = item.entry.seq;
    }
    if (this.#next === items.end) this.#position = Math.max(this.#position, this.#stretch.through);
    if (this.host.readers() === 1) this.#stretch.ring.dropBefore(this.#next);
    return draft.items.length > before;
  }

  /** The item as this reader's chain has it: the shared one, unless the reader's line began within or before it. */
  #chain(item: ReadItem): ReadItem {
    const prev = this.#last;
    this.#last = item.entry.seq;
    if (item.keyPrev === undefined) return item.prev === prev ? item : { ...item, prev };
    const keyPrev = item.keyPrev <= this.#start ? this.#floor : Math.min(item.keyPrev, prev);
    return item.prev === prev && item.keyPrev === keyPrev ? item : { ...item, prev, keyPrev };
  }

  #skip(draft: Draft, to: number): void {
    draft.truncated = { from: draft.truncated?.from ?? this.#position, to };
    this.#position = to;
    this.#start = to;
    this.#floor = to;
    this.#last = to;
    this.#move(this.host.epoch());
  }

  #isAtEnd(): boolean {
    const { ring, evaluating, ended } = this.#stretch;
    return this.#next === ring.items.end && !evaluating && ended;
  }

  /** Whether there is something to tell; reads on to find out. */
  #hasNews(): boolean {
    const stretch = this.#stretch;
    if (stretch.error !== undefined || this.#hasItems()) return true;
    if (stretch.ended && !stretch.evaluating) return false;
    const progress = this.#fill(stretch, this.host.options.lookAhead);
    return this.#hasItems() || (progress !== "end" && progress !== "busy");
  }

  /** Reads on; what the log throws is kept, so that nothing of a draft is lost by it. */
  #fill(stretch: Stretch, limit: number): Progress {
    try {
      return stretch.fill(limit);
    } catch (cause) {
      stretch.error = { cause };
      return "advanced";
    }
  }

  #hasItems(): boolean {
    const { items } = this.#stretch.ring;
    if (this.#next < items.first) return true;
    while (this.#next < items.end && items.at(this.#next)!.entry.seq <= this.#position) this.#next += 1;
    return this.#next < items.end;
  }

  #batch(draft: Draft, stop: Stop, wait: boolean): Batch {
    const { epoch, head, evaluating } = this.#stretch;
    return {
      epoch: epoch ?? 0,
      items: draft.items,
      through: this.#position,
      truncated: draft.truncated,
      more: stop === "more" || (stop === "busy" && (wait || !evaluating)),
      pending: evaluating,
      head,
    };
  }

  #move(epoch = this.#stretch.epoch): void {
    const left = this.#stretch;
    this.#stretch = this.#enter(epoch);
    this.#endNews?.();
    this.host.leave(this.#member, left);
  }

  #enter(epoch: number | undefined): Stretch {
    const stretch = this.host.enter(this.#member, this.#position, epoch);
    if (!this.host.isWatched()) stretch.ended = false;
    this.#next = stretch.ring.items.search((item) => item.entry.seq > this.#position);
    return stretch;
  }
}

function isEmpty(draft: Draft): boolean {
  return draft.items.length === 0 && draft.truncated === undefined;
}

function takeError(stretch: Stretch): unknown {
  const { error } = stretch;
  stretch.error = undefined;
  return error?.cause;
}
