import { type Arrival, Resequencer } from "@mcp-events/ordering";
import { type Bench, perSecond } from "../harness";

const COUNT = 200_000;
const KEYS = 100;
/** How far a late event falls behind. */
const LATE_BY = 20;

type Event = Arrival<{ readonly n: number }>;

/** A view without holes; with `keys`, of that many ordering keys in turn. */
function inOrder(keys = 0): Event[] {
  return Array.from({ length: COUNT }, (_, index) => {
    const seq = index + 1;
    const keyed = keys > 0 ? { key: `k${seq % keys}`, keyPrev: Math.max(0, seq - keys) } : {};
    const mark = { log: "events", epoch: 1, seq, prev: index, ...keyed };
    return { mark, item: { n: seq }, cursor: `cursor-${seq}` };
  });
}

/** The same, and every tenth comes {@link LATE_BY} events late. */
function withLate(events: readonly Event[]): Event[] {
  const place = ({ mark: { seq } }: Event) => (seq % 10 === 0 ? seq + LATE_BY + 0.5 : seq);
  return events.toSorted((a, b) => place(a) - place(b));
}

/** The least that de-duplication costs: the last number by log, and nothing is handed on that is not the next. */
function lastSeen(events: readonly Event[]): number {
  const last = new Map<string, number>();
  let sum = 0;
  const startedAt = performance.now();
  for (const { mark, item } of events) {
    if (mark.seq <= (last.get(mark.log) ?? 0)) continue;
    last.set(mark.log, mark.seq);
    sum += item.n;
  }
  const figure = perSecond(events.length, startedAt);
  if (sum === 0) throw new Error("nothing was handed on");
  return figure;
}

function resequenced(events: readonly Event[], guarantee: "subscription" | "key"): number {
  const state = { log: "events", epoch: 1, through: 0, ahead: [] };
  const consumer = new Resequencer<Event["item"]>({ guarantee, state });
  let handed = 0;
  const startedAt = performance.now();
  for (const event of events) {
    consumer.offer(event);
    for (let release = consumer.take(); release !== undefined; release = consumer.take()) {
      consumer.commit(release);
      handed += 1;
    }
  }
  const figure = perSecond(events.length, startedAt);
  if (handed !== COUNT) throw new Error(`${handed} of ${COUNT} were handed out`);
  return figure;
}

/** Made when it is asked for: what lives on slows down every collection of garbage. */
const ordered = () => inOrder();
const keyed = () => inOrder(KEYS);

/** Events offered, taken and committed one by one. */
export const resequencer: Bench = {
  name: "resequencer: offer, take, commit",
  unit: "events/s",
  note: `late: every tenth event arrives ${LATE_BY} later; by key: ${KEYS} ordering keys`,
  variants: {
    "last seq in a Map": () => lastSeen(ordered()),
    "in order": () => resequenced(ordered(), "subscription"),
    late: () => resequenced(withLate(ordered()), "subscription"),
    "by key, in order": () => resequenced(keyed(), "key"),
    "by key, late": () => resequenced(withLate(keyed()), "key"),
  },
};
