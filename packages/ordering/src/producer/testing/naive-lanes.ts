import type { Guarantee } from "@mcp-events/protocol";
import type { LaneEntry } from "../outgoing";

interface NaiveEntry {
  readonly seq: number;
  readonly prev: number;
  readonly key: string | undefined;
  readonly keyPrev: number | undefined;
  readonly barrier: boolean;
  gap: boolean;
  state: "ready" | "flying" | "settled";
  attempts: number;
  firstAttemptAt: number | undefined;
  notBefore: number;
  posted: boolean;
  behind: boolean;
  refusedBehind: boolean;
}

interface NaiveOptions {
  readonly guarantee: Guarantee;
  readonly window: number;
  readonly capacity: number;
  readonly through: number;
  readonly last: number;
  readonly givenUp: readonly number[];
}

/** ORDERING rules 10, 11, 13 and 14, said of all entries there ever were, without any state that could be stale. */
export class NaiveLanes {
  now = 0;
  readonly window: number;
  readonly #all: NaiveEntry[] = [];
  #scanned: number;
  /** The greatest number scanned while nothing was open. */
  #floor: number;

  constructor(private readonly options: NaiveOptions) {
    this.window = options.window;
    this.#scanned = this.#floor = options.through;
  }

  get open(): NaiveEntry[] {
    return this.#all.filter(({ state }) => state !== "settled");
  }

  get flying(): NaiveEntry[] {
    return this.#all.filter(({ state }) => state === "flying");
  }

  get room(): number {
    return Math.max(0, this.options.capacity - this.open.length);
  }

  get through(): number {
    return Math.max(this.#floor, this.#passed.at(-1)?.seq ?? 0);
  }

  get last(): number {
    return this.#passed.at(-1)?.seq ?? this.options.last;
  }

  get givenUp(): number[] {
    const own = this.#all.filter(({ gap, barrier }) => gap && !barrier).map(({ seq }) => seq);
    const all = new Set([...this.options.givenUp, ...own]);
    return [...all].filter((seq) => seq > this.through).sort((a, b) => a - b);
  }

  get dueAt(): number | undefined {
    const due = this.#free.filter(({ posted }) => posted).map((entry) => this.#due(entry));
    return due.length === 0 ? undefined : Math.min(...due);
  }

  /** What may be posted now, in order. */
  mayLeave(): number[] {
    return this.#free.filter((entry) => this.#due(entry) <= this.now).map(({ seq }) => seq);
  }

  push(fields: {
    readonly hole: number;
    readonly key: string | undefined;
    readonly barrier: boolean;
    readonly gap: boolean;
  }): LaneEntry<number> {
    const { hole, key, barrier, gap } = fields;
    const before = this.#all.at(-1)?.seq ?? this.options.last;
    const seq = Math.max(this.#scanned, before) + 1 + hole;
    const { through, last } = this;
    const inLane = this.#all.findLast((entry) => entry.key === key && entry.seq > through);
    const keyPrev = this.options.guarantee === "key" ? (inLane?.seq ?? last) : undefined;
    this.#scanned = seq;
    this.#all.push({
      seq,
      prev: before,
      key,
      keyPrev,
      barrier,
      gap: gap || this.options.givenUp.includes(seq),
      state: "ready",
      attempts: 0,
      firstAttemptAt: undefined,
      notBefore: 0,
      posted: false,
      behind: false,
      refusedBehind: false,
    });
    return { item: seq, seq, prev: before, key, barrier, gap };
  }

  scan(beyond: number): number {
    this.#scanned += beyond;
    this.#rest();
    return this.#scanned;
  }

  take(seq: number): NaiveEntry & { readonly lowest: boolean } {
    const entry = this.#at(seq);
    entry.behind = this.#isBehind(entry);
    entry.state = "flying";
    entry.posted = true;
    entry.firstAttemptAt ??= this.now;
    return { ...entry, lowest: this.open[0] === entry };
  }

  settle(seq: number): number[] {
    const before = this.#passed.length;
    this.#at(seq).state = "settled";
    this.#rest();
    return this.#passed.slice(before).map((entry) => entry.seq);
  }

  retry(seq: number, notBefore: number, counts: boolean): void {
    const entry = this.#at(seq);
    const attempts = entry.attempts + (counts ? 1 : 0);
    Object.assign(entry, { state: "ready", notBefore, attempts, refusedBehind: !counts && entry.behind });
  }

  giveUp(seq: number): void {
    const fresh = { attempts: 0, firstAttemptAt: undefined, refusedBehind: false };
    Object.assign(this.#at(seq), { state: "ready", notBefore: 0, gap: true, ...fresh });
  }

  hasten(): void {
    for (const entry of this.open.filter((one) => this.#isAdmitted(one))) {
      Object.assign(entry, { notBefore: 0, attempts: 0, firstAttemptAt: undefined });
    }
  }

  get #passed(): NaiveEntry[] {
    const open = this.open[0]?.seq ?? Number.POSITIVE_INFINITY;
    return this.#all.filter(({ seq }) => seq < open);
  }

  /** Those that wait for nothing but their time. */
  get #free(): NaiveEntry[] {
    const { open } = this;
    const others = this.flying.filter((entry) => entry !== open[0]).length;
    return open.filter((entry) => {
      if (entry.state !== "ready" || !this.#isAdmitted(entry)) return false;
      const before = this.#before(entry).filter((one) => this.#isSameLane(one, entry));
      if (this.window === 0) return before.length === 0;
      if (before.some(({ attempts, gap }) => attempts > 0 || gap)) return false;
      return entry === open[0] || others < this.window - 1;
    });
  }

  #due(entry: NaiveEntry): number {
    return entry.refusedBehind && !this.#isBehind(entry) ? 0 : entry.notBefore;
  }

  #isAdmitted(entry: NaiveEntry): boolean {
    const before = this.#before(entry);
    return entry.barrier ? before.length === 0 : !before.some(({ barrier }) => barrier);
  }

  #isBehind(entry: NaiveEntry): boolean {
    if (this.window === 0) return false;
    return this.#before(entry).some((one) => this.#isSameLane(one, entry) || entry.key === undefined);
  }

  /** What is open before an entry. */
  #before(entry: NaiveEntry): NaiveEntry[] {
    return this.open.filter(({ seq }) => seq < entry.seq);
  }

  #isSameLane(one: NaiveEntry, other: NaiveEntry): boolean {
    return this.options.guarantee === "subscription" || one.key === other.key;
  }

  #at(seq: number): NaiveEntry {
    return this.#all.find((entry) => entry.seq === seq)!;
  }

  #rest(): void {
    if (this.open.length === 0) this.#floor = this.#scanned;
  }
}
