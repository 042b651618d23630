import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Entry } from "./contracts";
import type { Reader } from "./reader";
import type { Batch, ReadItem } from "./reading";
import { memoryLog, newEntry, wrapLog } from "./testing/fixtures";
import { settle } from "./testing/manual-clock";
import { View } from "./view";

/** What one entry is, as the schedule draws it. */
interface Drawn {
  readonly name: string;
  readonly audience: string | undefined;
  readonly orderingKey: string | undefined;
  readonly belongs: boolean;
  readonly delayMs: number;
}

type Step =
  | { readonly do: "append"; readonly entries: readonly Drawn[] }
  | { readonly do: "open"; readonly back: number }
  | { readonly do: "take"; readonly reader: number; readonly limit: number; readonly ready: boolean }
  | { readonly do: "wait"; readonly reader: number }
  | { readonly do: "release"; readonly reader: number }
  | { readonly do: "advance"; readonly ms: number }
  | { readonly do: "truncate" };

interface Config {
  readonly steps: readonly Step[];
  readonly maxEntries: number;
  readonly lookAhead: number;
  readonly asyncMatch: boolean;
  readonly asyncLog: boolean;
  readonly maxKeys: number;
}

const drawn: fc.Arbitrary<Drawn> = fc.record({
  name: fc.constantFrom("n", "n", "n", "other"),
  audience: fc.constantFrom(undefined, undefined, "me", "you"),
  orderingKey: fc.constantFrom(undefined, "a", "b", "c"),
  belongs: fc.boolean(),
  delayMs: fc.nat(20),
});
const reader = fc.nat(5);
const step: fc.Arbitrary<Step> = fc.oneof(
  fc.record({ do: fc.constant("append" as const), entries: fc.array(drawn, { maxLength: 6 }) }),
  fc.record({ do: fc.constant("append" as const), entries: fc.array(drawn, { maxLength: 6 }) }),
  fc.record({ do: fc.constant("open" as const), back: fc.nat(12) }),
  fc.record({ do: fc.constant("open" as const), back: fc.nat(3) }),
  fc.record({
    do: fc.constant("take" as const),
    reader,
    limit: fc.integer({ min: 1, max: 6 }),
    ready: fc.boolean(),
  }),
  fc.record({ do: fc.constant("take" as const), reader, limit: fc.constant(50), ready: fc.boolean() }),
  fc.record({ do: fc.constant("wait" as const), reader }),
  fc.record({ do: fc.constant("release" as const), reader }),
  fc.record({ do: fc.constant("advance" as const), ms: fc.nat(30) }),
  fc.record({ do: fc.constant("truncate" as const) }),
);
const config: fc.Arbitrary<Config> = fc.record({
  steps: fc.array(step, { minLength: 10, maxLength: 60, size: "max" }),
  maxEntries: fc.constantFrom(5, 20, 1000),
  lookAhead: fc.constantFrom(1, 3, 64),
  asyncMatch: fc.boolean(),
  asyncLog: fc.boolean(),
  maxKeys: fc.constantFrom(1, 1000),
});

/** One reader with all that it was told. */
interface Witness {
  readonly reader: Reader;
  readonly start: number;
  readonly told: (ReadItem | { readonly from: number; readonly to: number })[];
  position: number;
  busy: Promise<void> | undefined;
  live: boolean;
}

class World {
  readonly #config: Config;
  readonly #logs: ReturnType<typeof memoryLog>;
  readonly #drawn = new Map<number, Drawn>();
  readonly view: View;
  readonly witnesses: Witness[] = [];
  readonly evaluations = new Map<number, number>();

  constructor(config: Config) {
    this.#config = config;
    this.#logs = memoryLog({ maxEntries: config.maxEntries });
    const { log, clock } = this.#logs;
    const slow = wrapLog(log, {
      read: async (request) => {
        await settle();
        return log.read(request);
      },
    });
    this.view = new View({
      log: config.asyncLog ? slow : log,
      name: "n",
      audience: "me",
      clock,
      lookAhead: config.lookAhead,
      ringSize: config.lookAhead * 2,
      maxKeys: config.maxKeys,
      match: (_data, entry) => this.#match(entry),
    });
  }

  get clock() {
    return this.#logs.clock;
  }

  async run(): Promise<void> {
    for (const step of this.#config.steps) await this.#step(step);
    await this.#finish();
  }

  #match(entry: Entry): boolean | Promise<boolean> {
    const { belongs, delayMs } = this.#drawn.get(entry.seq)!;
    this.evaluations.set(entry.seq, (this.evaluations.get(entry.seq) ?? 0) + 1);
    if (!this.#config.asyncMatch || delayMs < 5) return belongs;
    return new Promise((resolve) => this.clock.after(delayMs, () => resolve(belongs)));
  }

  async #step(step: Step): Promise<void> {
    if (step.do === "append") this.#append(step.entries);
    else if (step.do === "truncate") this.#logs.log.truncate();
    else if (step.do === "advance") await this.clock.advance(step.ms);
    else if (step.do === "open") this.#open(step.back);
    else {
      const witness = this.witnesses[step.reader];
      if (witness === undefined || !witness.live || witness.busy !== undefined) return;
      if (step.do === "release") this.#release(witness);
      else if (step.do === "wait") this.#begin(witness, async () => witness.reader.changed());
      else this.#begin(witness, async () => this.#take(witness, step.limit, step.ready));
    }
  }

  #append(entries: readonly Drawn[]): void {
    const first = this.#logs.log.head().seq + 1;
    entries.forEach((entry, index) => {
      this.#drawn.set(first + index, entry);
    });
    this.#logs.log.append(
      entries.map(({ name, audience, orderingKey }) => newEntry({ name, audience, orderingKey })),
    );
  }

  #open(back: number): void {
    if (this.witnesses.length >= 6) return;
    const start = Math.max(0, this.#logs.log.head().seq - back);
    const reader = this.view.reader(start);
    this.witnesses.push({ reader, start, told: [], position: start, busy: undefined, live: true });
  }

  #begin(witness: Witness, act: () => Promise<unknown>): void {
    witness.busy = act().then(() => {
      witness.busy = undefined;
    });
  }

  async #take(witness: Witness, limit: number, ready: boolean): Promise<Batch> {
    const { reader } = witness;
    const batch = await (ready ? reader.takeReady(limit) : reader.take(limit));
    expect(batch.items.length).toBeLessThanOrEqual(limit);
    expect(batch.through).toBeGreaterThanOrEqual(witness.position);
    expect(batch.through).toBe(reader.position);
    expect(batch.items.at(-1)?.entry.seq ?? 0).toBeLessThanOrEqual(batch.through);
    if (batch.truncated !== undefined) witness.told.push(batch.truncated);
    witness.told.push(...batch.items);
    witness.position = batch.through;
    return batch;
  }

  #release(witness: Witness): void {
    witness.live = false;
    witness.reader.release();
  }

  /** Lets everything come to rest, and every reader read to the end. */
  async #finish(): Promise<void> {
    for (const witness of this.witnesses.filter(({ live }) => live)) {
      if (witness.busy !== undefined) {
        void witness.reader.changed();
        await this.#drive(witness.busy);
      }
      for (let more = true; more; ) more = (await this.#drive(this.#take(witness, 4, false))).more;
      const quiet = await this.#drive(this.#take(witness, 1, false));
      expect(quiet).toMatchObject({ items: [], through: this.#logs.log.head().seq });
    }
  }

  /** Moves time on until a promise settles; a run in which it never does is a failure. */
  async #drive<T>(promise: Promise<T>): Promise<T> {
    let settled = false;
    const finished = promise.finally(() => {
      settled = true;
    });
    for (let turns = 0; !settled; turns += 1) {
      if (turns > 500) throw new Error("hangs");
      await this.clock.advance(20);
    }
    return finished;
  }

  /** The view, by the rule and nothing else. */
  members(): { seq: number; key: string | undefined }[] {
    return [...this.#drawn]
      .filter(([, { name, audience, belongs }]) => name === "n" && audience !== "you" && belongs)
      .map(([seq, { orderingKey }]) => ({ seq, key: orderingKey }));
  }
}

/** What a reader was told is the view after its start, in order, but for what lies in a reported hole; its chain holds. */
function checkWitness(world: World, witness: Witness, exactKeys: boolean): void {
  const expected = world.members().filter(({ seq }) => seq > witness.start && seq <= witness.position);
  const keys = new Map<string, number>();
  let start = witness.start;
  let last = witness.start;
  let next = 0;
  for (const told of witness.told) {
    if ("to" in told) {
      expect(told.from).toBeGreaterThanOrEqual(last);
      expect(told.to).toBeGreaterThan(told.from);
      expect(expected.slice(next).filter(({ seq }) => seq <= told.from)).toEqual([]);
      while (next < expected.length && expected[next]!.seq <= told.to) next += 1;
      start = told.to;
      last = told.to;
      keys.clear();
      continue;
    }
    const { seq, orderingKey: key } = told.entry;
    expect(seq).toBe(expected[next]?.seq);
    expect(told.prev).toBe(last);
    if (key === undefined) expect(told.keyPrev).toBeUndefined();
    else {
      const exact = keys.get(key) ?? start;
      if (exactKeys) expect(told.keyPrev).toBe(exact);
      expect(told.keyPrev).toBeGreaterThanOrEqual(exact);
      expect(told.keyPrev).toBeLessThanOrEqual(told.prev);
      keys.set(key, seq);
    }
    last = seq;
    next += 1;
  }
  expect(next).toBe(expected.length);
}

describe("View, against a model of a few lines", () => {
  it("ORD-1, ORD-2: every reader gets the view in order or is told of the hole; the chain is unbroken; all is released", async () => {
    await fc.assert(
      fc.asyncProperty(config, async (config) => {
        const world = new World(config);
        await world.run();
        const alone = world.witnesses.length === 1 && config.maxKeys > 1;
        for (const witness of world.witnesses) checkWitness(world, witness, alone);
        world.view.close();
        expect([world.clock.pending, world.view.held, world.view.readers]).toEqual([0, 0, 0]);
      }),
      { numRuns: 200 },
    );
  }, 60_000);

  it("no entry is evaluated twice while a reader stays near enough for its result to be held [pitfall 39]", async () => {
    const together = fc.record({
      appends: fc.array(fc.array(drawn, { maxLength: 6 }), { maxLength: 30 }),
      back: fc.nat(20),
      limits: fc.array(fc.integer({ min: 1, max: 50 }), { minLength: 1, maxLength: 5 }),
      asyncMatch: fc.boolean(),
    });
    await fc.assert(
      fc.asyncProperty(together, async ({ appends, back, limits, asyncMatch }) => {
        const steps: Step[] = appends.map((entries) => ({ do: "append", entries }));
        const turns = limits.map((limit, reader): Step => ({ do: "take", reader, limit, ready: false }));
        const world = new World({
          steps: [
            ...steps,
            ...limits.map((): Step => ({ do: "open", back })),
            ...steps.flatMap((step): Step[] => [...turns, { do: "advance", ms: 100 }, step]),
          ],
          maxEntries: 1000,
          lookAhead: 64,
          asyncMatch,
          asyncLog: false,
          maxKeys: 1000,
        });
        await world.run();
        for (const count of world.evaluations.values()) expect(count).toBe(1);
      }),
      { numRuns: 300 },
    );
  }, 60_000);
});
