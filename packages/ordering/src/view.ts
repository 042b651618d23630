import { watchName } from "./name-watch";
import { Reader } from "./reader";
import { type Member, type Neighbours, Stretch } from "./stretch";
import { type ResolvedViewOptions, resolveViewOptions, type ViewOptions } from "./view-options";

/**
 * The events of a log that equal subscriptions get (ORDERING rule 5): one for each (log, name, arguments, principal).
 * Evaluates an entry once for all readers near it, only while there are readers, and only as they ask.
 */
export class View {
  readonly #options: ResolvedViewOptions;
  readonly #readers = new Set<Reader>();
  readonly #stretches = new Set<Stretch>();
  #epoch: number | undefined;
  #unwatch: (() => void) | undefined;
  readonly #host: ReaderHost;

  /** @throws EventsError `option_invalid` naming the option. */
  constructor(options: ViewOptions) {
    this.#options = resolveViewOptions(options);
    const neighbours: Neighbours = {
      isCovered: (stretch) => this.#isCovered(stretch),
      ceiling: (stretch) => this.#ceiling(stretch),
      noteEpoch: (epoch) => {
        this.#epoch = Math.max(epoch, this.#epoch ?? 0);
      },
    };
    this.#host = {
      options: this.#options,
      epoch: () => this.#epoch,
      enter: (member, position, epoch) => this.#enter(member, position, epoch, neighbours),
      leave: (member, stretch) => this.#leave(member, stretch),
      readers: () => this.#readers.size,
      isWatched: () => this.#unwatch !== undefined,
      watch: () => this.#watch(),
      released: (reader) => this.#released(reader),
    };
  }

  /** Number of readers not yet released. */
  get readers(): number {
    return this.#readers.size;
  }

  /** Number of results held for readers. */
  get held(): number {
    let held = 0;
    for (const stretch of this.#stretches) held += stretch.ring.items.size;
    return held;
  }

  /**
   * A reader of everything of the view after number `after`; release it.
   *
   * @param last - Number of the view's last event at or before `after`: `prev` of the first item, so that who goes on
   * for another reader tells the same. Default `after`.
   */
  reader(after: number, last = after): Reader {
    const reader = new Reader(this.#host, after, last);
    this.#readers.add(reader);
    return reader;
  }

  /** Releases all readers, and with them everything under way. */
  close(): void {
    for (const reader of this.#readers) reader.release();
  }

  #released(reader: Reader): void {
    if (!this.#readers.delete(reader) || this.#readers.size > 0) return;
    this.#unwatch?.();
    this.#unwatch = undefined;
    this.#epoch = undefined;
  }

  #watch(): void {
    if (this.#unwatch !== undefined) return;
    const { log, name } = this.#options;
    const appended = () => {
      for (const stretch of this.#stretches) stretch.appended();
    };
    this.#unwatch = watchName(log, name, appended);
    appended();
  }

  /** The stretch that has what follows after `position`: the furthest of those there are, or a new one. */
  #enter(member: Member, position: number, epoch: number | undefined, neighbours: Neighbours): Stretch {
    let found: Stretch | undefined;
    for (const stretch of this.#stretches) {
      if (stretch.hole !== undefined || !isSame(stretch.epoch, epoch)) continue;
      if (stretch.ring.from > position || stretch.scan < position) continue;
      if (found === undefined || stretch.scan > found.scan) found = stretch;
    }
    if (found === undefined) {
      found = new Stretch(this.#options, neighbours, epoch, position);
      this.#stretches.add(found);
    }
    found.members.add(member);
    return found;
  }

  #leave(member: Member, stretch: Stretch): void {
    stretch.members.delete(member);
    if (stretch.members.size > 0) return;
    this.#stretches.delete(stretch);
    stretch.close();
  }

  /** Of two stretches that have reached the same place, the one that was there first goes on. */
  #isCovered(stretch: Stretch): boolean {
    let passed = false;
    for (const other of this.#stretches) {
      if (other === stretch) passed = true;
      else if (
        other.hole === undefined &&
        isSame(other.epoch, stretch.epoch) &&
        other.ring.from <= stretch.scan
      ) {
        if (other.scan > stretch.scan || (other.scan === stretch.scan && !passed)) return true;
      }
    }
    return false;
  }

  #ceiling(stretch: Stretch): number {
    let ceiling = Number.POSITIVE_INFINITY;
    for (const other of this.#stretches) {
      if (other !== stretch && other.ring.from > stretch.scan) ceiling = Math.min(ceiling, other.ring.from);
    }
    return ceiling;
  }
}

/** Epochs that are not known yet are taken to be the same. */
function isSame(one: number | undefined, other: number | undefined): boolean {
  return one === undefined || other === undefined || one === other;
}

/** What a reader needs of its view. */
export interface ReaderHost {
  readonly options: ResolvedViewOptions;
  /** The log's epoch as last read. */
  epoch(): number | undefined;
  /** Goes into the stretch that has what follows after `position`. */
  enter(member: Member, position: number, epoch: number | undefined): Stretch;
  leave(member: Member, stretch: Stretch): void;
  /** Number of readers of the view. */
  readers(): number;
  isWatched(): boolean;
  watch(): void;
  released(reader: Reader): void;
}
