import { type Arrival, type Release, Resequencer } from "@mcp-events/ordering";
import type { Guarantee } from "@mcp-events/protocol";
import fc from "fast-check";

/** An event as it arrives; log and epoch default to those of the trace. */
interface Offer {
  readonly seq: number;
  readonly prev: number;
  readonly settled?: number;
  readonly key?: string;
  readonly keyPrev?: number;
  readonly epoch?: number;
  readonly gap?: "given_up";
}

type Step = { readonly offer: Offer } | { readonly commit: number } | { readonly fail: number };

interface Trace {
  readonly name: string;
  readonly guarantee: Guarantee;
  readonly steps: readonly Step[];
}

const offer = (seq: number, prev = seq - 1, more: Partial<Offer> = {}): Step => ({
  offer: { seq, prev, settled: 0, ...more },
});

const HAND_MADE: readonly Trace[] = [
  { name: "in order", guarantee: "subscription", steps: [offer(1), offer(2), { commit: 1 }, { commit: 2 }] },
  {
    name: "the second overtakes the first",
    guarantee: "subscription",
    steps: [offer(2), offer(1), offer(3)],
  },
  {
    name: "numbers with holes",
    guarantee: "subscription",
    steps: [offer(10, 0), offer(40, 25), offer(25, 10)],
  },
  {
    name: "duplicates, before and after the commit",
    guarantee: "subscription",
    steps: [offer(1), offer(1), { commit: 1 }, offer(1)],
  },
  {
    name: "a gap stands for an event that was given up, in its place",
    guarantee: "subscription",
    steps: [offer(1), offer(3), offer(2, 1, { gap: "given_up" })],
  },
  {
    name: "first contact begins at settled",
    guarantee: "subscription",
    steps: [offer(8, 7, { settled: 6 }), offer(7, 6, { settled: 6 })],
  },
  {
    name: "a failed handler: everything released after it comes again",
    guarantee: "subscription",
    steps: [offer(1), offer(2), { fail: 1 }, offer(1), offer(2), { commit: 1 }, { commit: 2 }],
  },
  {
    name: "a new epoch is a gap, an older one is stale",
    guarantee: "subscription",
    steps: [offer(1), { commit: 1 }, offer(1, 0, { epoch: 2 }), offer(2)],
  },
  {
    name: "with keys, one key does not wait for another",
    guarantee: "key",
    steps: [
      offer(2, 1, { key: "b", keyPrev: 0 }),
      offer(3, 2, { key: "a", keyPrev: 1 }),
      offer(1, 0, { key: "a", keyPrev: 0 }),
      { commit: 2 },
      { commit: 1 },
      { commit: 3 },
    ],
  },
];

/** Shuffled and repeated arrivals, the same every time. */
function shuffled(): Trace[] {
  const arrivals = fc
    .shuffledSubarray([1, 2, 3, 4, 5, 6, 7, 8], { minLength: 8 })
    .chain((order) =>
      fc.array(fc.constantFrom(...order), { maxLength: 4 }).map((again) => [...order, ...again]),
    );
  return fc.sample(arrivals, { seed: 3_415, numRuns: 12 }).map((order, index) => ({
    name: `shuffled ${index + 1}`,
    guarantee: "subscription",
    steps: order.map((seq) => offer(seq)),
  }));
}

/** What the consumer of this repository does with a trace. */
function played({ name, guarantee, steps }: Trace) {
  const consumer = new Resequencer<number>({ guarantee, clock: { now: () => 0, after: () => () => {} } });
  const taken = new Map<number, Release<number>>();
  const take = () => {
    const releases: object[] = [];
    for (let release = consumer.take(); release !== undefined; release = consumer.take()) {
      const seq = release.kind === "event" ? release.seq : release.to;
      taken.set(seq, release);
      const gap = release.kind === "gap" ? { gap: release.reason, from: release.from ?? null } : {};
      releases.push({ epoch: release.epoch, seq, ...gap });
    }
    return releases;
  };
  const done = (step: Step) => {
    if ("offer" in step) return { ...step, verdict: consumer.offer(arrivalOf(step.offer)), released: take() };
    const release = taken.get("commit" in step ? step.commit : step.fail);
    if (release === undefined) throw new Error(`${name}: nothing was released to ${JSON.stringify(step)}`);
    if ("commit" in step) consumer.commit(release);
    else consumer.fail(release);
    const { through, ahead } = consumer.committed ?? { through: null, ahead: [] };
    return { ...step, committed: { through, ahead } };
  };
  return { name, guarantee, steps: steps.map(done) };
}

function arrivalOf({ seq, prev, settled, key, keyPrev, epoch = 1, gap }: Offer): Arrival<number> {
  const keyed = key === undefined ? {} : { key, keyPrev };
  const mark = { log: "events", epoch, seq, prev, ...(settled !== undefined && { settled }), ...keyed };
  return { mark, item: seq, ...(gap !== undefined && { gap }) };
}

export const traceVectors = () => ({
  description:
    "What a consumer does that puts webhook deliveries in order (ORDERING rules 15 to 20), step by step. It begins without a " +
    "position, stores what is committed, and takes each release at once. `offer`: a delivery with these marks (log `events`, epoch 1 " +
    "unless said) arrives; `verdict` is released, held, duplicate (committed before), pending (handed out, not committed), stale or " +
    "refused, and `released` is what is handed out now, in order; with `gap` it is a gap up to `seq`. `commit` and `fail`: the handler is " +
    "done with, or failed at, what was released as that number; `committed` is what is stored then.",
  vectors: [...HAND_MADE, ...shuffled()].map(played),
});
