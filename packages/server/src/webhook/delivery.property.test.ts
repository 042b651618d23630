import { memoryStore } from "@mcp-events/ordering";
import { ORDERING_EXTENSION } from "@mcp-events/protocol";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { ManualClock } from "../../../ordering/src/testing/manual-clock";
import { type Attempt, deliveries, until } from "../testing/fake-sender";
import { plain } from "../testing/setup";
import { ALICE, lasting, offering, webhookSetup } from "../testing/webhook-setup";

/** What a run does, one after the other. */
const step = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({ do: fc.constant("emit" as const), key: fc.constantFrom("a", "b", "c", "") }),
  },
  {
    weight: 6,
    arbitrary: fc.record({ do: fc.constant("answer" as const), which: fc.nat(7), how: fc.nat(9) }),
  },
  {
    weight: 3,
    arbitrary: fc.record({ do: fc.constant("wait" as const), ms: fc.constantFrom(1, 700, 15_000, 400_000) }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("refresh" as const), window: fc.nat(4) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("suspend" as const) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("restart" as const) }) },
);
type Step = typeof step extends fc.Arbitrary<infer T> ? T : never;

const ANSWERS = [200, 200, 200, 500, 503, 503, 410, 429] as const;

/** Seen from outside: what each attempt said, and what became of it. */
class Reference {
  readonly keys: string[] = [];
  /** What the endpoint took, by number. */
  readonly accepted = new Map<number, "event" | "gap">();
  /** Gaps that a plain receiver refused: they may be let go. */
  readonly refusedGaps = new Set<number>();

  constructor(private readonly byKey: boolean) {}

  lane(seq: number): string {
    return this.byKey ? this.keys[seq - 1]! : "";
  }

  isDone(seq: number): boolean {
    return this.accepted.has(seq) || this.refusedGaps.has(seq);
  }

  /** Everything before it in its lane is done with. */
  isFirst(seq: number): boolean {
    for (let before = 1; before < seq; before += 1) {
      if (this.lane(before) === this.lane(seq) && !this.isDone(before)) return false;
    }
    return true;
  }

  /** The greatest place that may be called settled. */
  get settled(): number {
    let place = 0;
    while (place < this.keys.length && this.isDone(place + 1)) place += 1;
    return place;
  }
}

class Run {
  readonly #clock = new ManualClock();
  readonly #store = lasting(memoryStore({ clock: this.#clock }));
  readonly #reference: Reference;
  #server!: ReturnType<typeof webhookSetup>;
  #emit!: (data: { n: number; k: string }) => Promise<unknown>;
  #window: number;
  #healed = false;
  readonly #violations: unknown[] = [];
  #seen = 0;
  readonly #waiting: Attempt[] = [];

  constructor(
    private readonly byKey: boolean,
    window: number,
  ) {
    this.#window = window;
    this.#reference = new Reference(byKey);
    this.#begin();
  }

  async play(steps: readonly Step[]): Promise<void> {
    await this.#refresh();
    await this.#server.delivered();
    for (const one of steps) {
      await this.#do(one);
      await this.#settle();
    }
    await this.#heal();
  }

  #begin(): void {
    const made = webhookSetup({ store: this.#store, random: () => 0.5 }, this.#clock);
    made.sender.answering = (attempt) => {
      this.#sent(attempt);
      if (this.#healed) return this.#land(attempt, 200);
      this.#waiting.push(attempt);
      return undefined;
    };
    const handle = made.events.register(
      plain(),
      this.byKey ? { orderingKey: (data) => (data.k === "" ? undefined : (data.k as string)) } : {},
    );
    this.#server = made;
    this.#emit = (data) => handle.emit(data, { eventId: `event-${data.n}` });
  }

  async #do(one: Step): Promise<void> {
    if (one.do === "emit") {
      this.#reference.keys.push(one.key);
      await this.#emit({ n: this.#reference.keys.length, k: one.key });
    } else if (one.do === "answer") this.#answer(one.which, one.how);
    else if (one.do === "wait") await this.#clock.advance(one.ms);
    else if (one.do === "suspend")
      this.#server.events.webhooks.suspend(this.#server.events.webhooks.list()[0]!.id);
    else if (one.do === "refresh") await this.#refresh(one.window);
    else await this.#restart();
  }

  async #refresh(window = this.#window): Promise<void> {
    const meta = window === 0 ? {} : offering(window);
    this.#window = Math.max(window, this.#window);
    const { _meta } = await this.#server.subscribe({ ttlMs: null }, { ...ALICE, meta });
    this.#window = window;
    const { through } = _meta[ORDERING_EXTENSION] as { through: number };
    expect(through).toBeLessThanOrEqual(this.#reference.settled);
    expect(through).toBeGreaterThanOrEqual(this.#seen);
    this.#seen = through;
  }

  async #restart(): Promise<void> {
    await this.#server.close();
    this.#waiting.length = 0;
    this.#begin();
    await until(() => this.#server.events.stats().subscriptions.webhook > 0);
  }

  /** A place in the marks never says more than is so; in strict order nothing leaves before its lane's turn. */
  #sent({ body }: Attempt): void {
    const { seq, settled } = body._meta[ORDERING_EXTENSION] as { seq: number; settled: number };
    const isEarly = this.#window === 0 && !this.#reference.isFirst(seq);
    if (isEarly || settled > this.#reference.settled) this.#violations.push({ body, window: this.#window });
  }

  #answer(which: number, how: number): void {
    const open = this.#waiting.splice(which % Math.max(this.#waiting.length, 1), 1)[0];
    if (open === undefined) return;
    const status = ANSWERS[how];
    open.answer(this.#land(open, status ?? 504));
  }

  /** A receiver that puts events in order takes one in its turn only; a plain one gets them so. */
  #land({ body }: Attempt, status: number): number {
    const { seq } = body._meta[ORDERING_EXTENSION] as { seq: number };
    if (status === 200 && !this.#reference.isFirst(seq)) return 503;
    const isGap = body.type === "gap";
    if (isGap && status !== 200 && this.#window === 0) this.#reference.refusedGaps.add(seq);
    if (status === 200 && !this.#reference.accepted.has(seq))
      this.#reference.accepted.set(seq, isGap ? "gap" : "event");
    return status;
  }

  async #settle(): Promise<void> {
    await deliveries(3);
  }

  /** From now on the endpoint takes everything: in the end all of it is there. */
  async #heal(): Promise<void> {
    this.#healed = true;
    for (const open of this.#waiting.splice(0)) open.answer(this.#land(open, 200));
    await this.#settle();
    for (let turn = 0; turn < 4; turn += 1) {
      await this.#refresh();
      await this.#clock.advance(900_000);
      await this.#settle();
    }
    const all = this.#reference.keys.map((_, index) => index + 1);
    expect(all.filter((seq) => !this.#reference.isDone(seq))).toEqual([]);
    await this.#refresh();
    expect(this.#seen).toBe(all.length);
    const letters = await this.#server.events.webhooks.deadLetters.list({ limit: 1_000 });
    const notTaken = all.filter((seq) => this.#reference.accepted.get(seq) !== "event");
    expect(letters.map(({ entry }) => entry.seq)).toEqual(expect.arrayContaining(notTaken));
    expect(this.#violations).toEqual([]);
    await this.#server.close();
    expect(this.#server.events.stats()).toMatchObject({ timers: 0, readers: 0 });
  }
}

describe("ORDERING rules 10 to 14, ORD-1, ORD-2: against a receiver that keeps the books", () => {
  for (const byKey of [false, true]) {
    for (const window of [0, 3]) {
      it(`guarantee ${byKey ? "key" : "subscription"}, window ${window} at first`, async () => {
        await fc.assert(
          fc.asyncProperty(fc.array(step, { maxLength: 60, size: "max" }), (steps) =>
            new Run(byKey, window).play(steps),
          ),
          { numRuns: Number(process.env.MODEL_RUNS ?? 30) },
        );
      }, 120_000);
    }
  }
});
