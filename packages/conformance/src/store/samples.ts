import type {
  DeadLetter,
  Entry,
  EventLog,
  NewEntry,
  Page,
  StoredPlace,
  StoredSubscription,
} from "@mcp-events/ordering";
import { EventsError } from "@mcp-events/protocol";
import { check, equal as equalText } from "../transport/assert";

/** Compares two values as JSON, whatever the order of members. */
export function equal(actual: unknown, expected: unknown, what: string): void {
  equalText(sorted(actual), sorted(expected), what);
}

function sorted(value: unknown): unknown {
  if (value === undefined) return "undefined";
  return JSON.parse(JSON.stringify(value), (_, found) => {
    if (typeof found !== "object" || found === null || Array.isArray(found)) return found;
    return Object.fromEntries(Object.entries(found).sort(([a], [b]) => (a < b ? -1 : 1)));
  });
}

/** Numbers 0 to `count` - 1. */
export const range = (count: number) => Array.from({ length: count }, (_, n) => n);

/** A new entry whose data is its number. */
export function entry(n: number, more: Partial<NewEntry> = {}): NewEntry {
  return {
    kind: "event",
    name: "suite.event",
    eventId: `event-${n}`,
    timestamp: "2026-01-01T00:00:00.000Z",
    data: { n },
    ...more,
  };
}

/** So many new entries, from `first`. */
export const entries = (count: number, first = 0) => range(count).map((n) => entry(first + n));

/** The numbers in the data of entries. */
export const numbersOf = (read: readonly Pick<Entry, "data">[]) => read.map(({ data }) => data.n);

/** Reads from `after` to the end, page by page; none may be truncated. */
export async function readAll(log: EventLog, after = 0, limit = 1_000): Promise<Entry[]> {
  const all: Entry[] = [];
  for (let from = after; ; ) {
    const page: Page = await log.read({ after: from, limit });
    check(!page.truncated, `the page after ${from} is truncated`);
    check(page.through > from || page.entries.length === 0, `the page after ${from} does not move on`);
    all.push(...page.entries);
    if (page.through >= page.head) return all;
    from = page.through;
  }
}

/** A subscription of the suite. */
export function subscription(id: string, more: Partial<StoredSubscription> = {}): StoredSubscription {
  return {
    id,
    principal: "ann",
    url: "https://receiver.example/hook",
    name: "suite.event",
    arguments: { team: "späť", deep: { list: [1, null, true] } },
    secrets: [
      { secret: "whsec_bmV3", until: null },
      { secret: "whsec_b2xk", until: 1_800_000_000_000 },
    ],
    expiresAt: null,
    ...more,
  };
}

/** A place at `through`. */
export function place(through: number, more: Partial<StoredPlace> = {}): StoredPlace {
  return { epoch: 1, through, last: through, givenUp: [], ...more };
}

/** A dead letter. */
export function letter(id: string, more: Partial<DeadLetter> = {}): DeadLetter {
  return {
    id,
    subscriptionId: "sub_a",
    principal: "ann",
    url: "https://receiver.example/hook",
    arguments: { team: "a" },
    log: "events",
    epoch: 7,
    entry: { seq: 3, name: "suite.event", eventId: id, timestamp: "2026-01-01T00:00:00.000Z", data: { id } },
    at: 1_700_000_000_000,
    attempts: 5,
    lastError: "timeout",
    ...more,
  };
}

/** Ids, in order. */
export const idsOf = (all: readonly { readonly id: string }[]) => all.map(({ id }) => id);

/** Requires that a call is refused with an {@link EventsError} of this code. */
export async function refused(call: () => unknown, code: string, what: string): Promise<void> {
  let found: unknown;
  try {
    await call();
  } catch (error) {
    found = error;
  }
  check(
    EventsError.is(found) && found.code === code,
    `${what}: expected an EventsError ${code}, got ${found}`,
  );
}
