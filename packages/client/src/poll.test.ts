import { EventsError, type JsonObject, METHODS, WireError } from "@mcp-events/protocol";
import { describe, expect, it } from "vitest";
import { settle } from "../../ordering/src/testing/manual-clock";
import type { SubscribeOptions } from "./subscribe-options";
import type { Subscription } from "./subscription";
import { Reading, type Setup, setUp } from "./testing/setup";
import { cursorAt, occurrence, page } from "./testing/wire";

/** Answers polls one after the other; the last answer is repeated. */
function answers(setup: Setup, ...pages: (JsonObject | Error)[]): void {
  const left = [...pages];
  setup.connection.handlers.set(METHODS.poll, () => {
    const answer = left.length > 1 ? left.shift() : left[0];
    if (answer instanceof Error) throw answer;
    return answer as JsonObject;
  });
}

const polls = (setup: Setup) => setup.connection.paramsOf(METHODS.poll);

function subscribe(setup: Setup, options: SubscribeOptions = {}): Promise<Subscription> {
  return setup.client.subscribe("note.created", {}, { delivery: "poll", ...options });
}

describe("poll", () => {
  it("POLL-1 CUR-2: the first poll has a null cursor, the next ones the cursor that came", async () => {
    const setup = setUp();
    answers(
      setup,
      page([], 5),
      page(
        [
          [6, 5],
          [8, 6],
        ],
        9,
      ),
      page([], 9),
    );
    const reading = new Reading(await subscribe(setup, { maxEvents: 50 }));
    await setup.clock.advance(2_000);
    expect(await reading.shown()).toEqual([6, 8]);
    expect(polls(setup)).toEqual(
      [null, cursorAt(5), cursorAt(9)].map((cursor) => ({
        name: "note.created",
        arguments: {},
        cursor,
        maxEvents: 50,
      })),
    );
  });

  it("a lost answer is not waited for longer than requestTimeoutMs, beside the wait of a long poll", async () => {
    const setup = setUp({ requestTimeoutMs: 700, longPollMs: 5_000 });
    answers(setup, page([], 5), page([], 5));
    await subscribe(setup);
    await setup.clock.advance(0);
    const waits = setup.connection.requests.map(({ method, timeoutMs }) => [method, timeoutMs]);
    expect(waits).toEqual([
      [METHODS.list, 700],
      [METHODS.poll, 700],
      [METHODS.poll, 5_700],
    ]);
  });

  it("[pitfall 21] POLL-4: polls again at once on hasMore, also after the first poll", async () => {
    const setup = setUp();
    answers(setup, page([[6, 5]], 6, { hasMore: true }), page([[7, 6]], 7, { hasMore: true }), page([], 7));
    const reading = new Reading(await subscribe(setup, { cursor: cursorAt(5) }));
    expect(await reading.shown()).toEqual([6, 7]);
    expect(polls(setup)).toHaveLength(3);
  });

  it("POLL-4: waits for nextPollMs, floored at minPollMs", async () => {
    const setup = setUp({ minPollMs: 500 });
    answers(setup, page([], 5, { nextPollMs: 3_000 }), page([], 5, { nextPollMs: 0 }));
    await subscribe(setup);
    await setup.clock.advance(2_999);
    expect(polls(setup)).toHaveLength(1);
    await setup.clock.advance(1);
    expect(polls(setup)).toHaveLength(2);
    await setup.clock.advance(499);
    expect(polls(setup)).toHaveLength(2);
    await setup.clock.advance(1);
    expect(polls(setup)).toHaveLength(3);
  });

  it("a server that says hasMore without going on is not asked in a hot loop", async () => {
    const setup = setUp();
    answers(setup, page([], 5, { hasMore: true }));
    await subscribe(setup, { cursor: cursorAt(5) });
    await settle();
    expect(polls(setup).length).toBeLessThanOrEqual(2);
  });

  it("[pitfall 19] one page at a time: the next is asked for when the last was taken", async () => {
    const setup = setUp();
    answers(
      setup,
      page(
        [
          [6, 5],
          [7, 6],
        ],
        7,
        { hasMore: true },
      ),
      page([[8, 7]], 8),
    );
    const subscription = await subscribe(setup, { cursor: cursorAt(5) });
    await setup.clock.advance(60_000);
    expect(polls(setup)).toHaveLength(1);
    expect(await new Reading(subscription).shown()).toEqual([6, 7, 8]);
  });

  it("D1 ORDERING rule 21: a truncated page is a gap up to its first event", async () => {
    const setup = setUp();
    answers(
      setup,
      page(
        [
          [10, 9],
          [11, 10],
        ],
        12,
        { truncated: true },
      ),
      page([], 12),
    );
    const reading = new Reading(await subscribe(setup, { cursor: cursorAt(5) }));
    await setup.clock.advance(1_000);
    expect(await reading.shown()).toEqual(["truncated(?,9]", 10, 11]);
  });

  it("[pitfall 2] a poll whose answer was lost is asked again from the same cursor", async () => {
    const setup = setUp();
    const lost = new EventsError("timed_out", "lost", { retryable: true });
    answers(setup, page([], 5), lost, page([[6, 5]], 6));
    const reading = new Reading(await subscribe(setup));
    await setup.clock.advance(1_000 + 250);
    expect(await reading.shown()).toEqual([6]);
    expect(polls(setup).map(({ cursor }) => cursor)).toEqual([null, cursorAt(5), cursorAt(5)]);
  });

  it("[pitfall 1] events that a page's cursor passed and its prev names are a gap, not silence", async () => {
    const setup = setUp();
    answers(
      setup,
      page([], 5),
      page(
        [
          [6, 5],
          [9, 8],
        ],
        9,
      ),
      page([], 9),
    );
    const reading = new Reading(await subscribe(setup));
    await setup.clock.advance(1_000);
    expect(await reading.shown()).toEqual([6, "lost(6,8]", 9]);
  });

  it("ORD-2: a malformed event inside a page is a gap in its place", async () => {
    const setup = setUp();
    const events = [occurrence(6, 5), { eventId: 7 }, occurrence(9, 8), "junk"];
    answers(setup, page([], 5), { ...page([], 12), events }, page([], 12));
    const reading = new Reading(await subscribe(setup));
    await setup.clock.advance(1_000);
    expect(await reading.shown()).toEqual([6, "lost(6,8]", 9, "lost(9,12]"]);
  });

  it("[pitfall 23] a malformed poll result is a failed attempt, never a crash", async () => {
    const setup = setUp();
    answers(setup, page([], 5), { events: "none", cursor: 5 }, { cursor: {} }, page([[6, 5]], 6));
    const reading = new Reading(await subscribe(setup));
    await setup.clock.advance(5_000);
    expect(await reading.shown()).toEqual([6]);
  });

  it("POLL-5: a refusal ends the iterator with the server's error", async () => {
    const setup = setUp();
    answers(setup, page([], 5), new WireError("Forbidden", "no longer"));
    const reading = new Reading(await subscribe(setup));
    await setup.clock.advance(1_000);
    await reading.shown();
    expect(reading.error).toMatchObject({ error: "Forbidden" });
    await setup.clock.advance(600_000);
    expect([polls(setup).length, setup.clock.pending]).toEqual([2, 0]);
  });

  it("ORD-2 POLL-7: there is a position before any event of a long poll is handed out: a crash then loses none", async () => {
    const setup = setUp({ longPollMs: 20_000 });
    answers(setup, page([], 5), page([[6, 5]], 6), page([], 6));
    const subscription = await subscribe(setup);
    expect([polls(setup)[0]?.timeoutMs, subscription.cursor]).toEqual([undefined, cursorAt(5)]);
  });

  it("POLL-7: the first poll does not wait for news, so that the subscription stands; long polls follow at once", async () => {
    const setup = setUp({ longPollMs: 20_000, minPollMs: 500 });
    answers(setup, page([], 5), page([], 5), page([], 5));
    const subscription = await subscribe(setup);
    await setup.clock.advance(0);
    expect(subscription.state).toBe("live");
    expect(polls(setup).map(({ timeoutMs }) => timeoutMs)).toEqual([undefined, 20_000]);
    await setup.clock.advance(500);
    expect(polls(setup).map(({ timeoutMs }) => timeoutMs)).toEqual([undefined, 20_000, 20_000]);
  });

  it("CUR-5: maxAgeMs goes with the first poll only", async () => {
    const setup = setUp();
    answers(setup, page([], 5), page([], 5));
    await subscribe(setup, { maxAgeMs: 60_000, cursor: "old" });
    await setup.clock.advance(1_000);
    expect(polls(setup).map(({ maxAgeMs }) => maxAgeMs)).toEqual([60_000, undefined]);
  });

  it("CUR-3 ORDERING rule 22: a type without replay gives null cursors; what may lie between two answers is a gap", async () => {
    const setup = setUp();
    const none = { cursor: null };
    answers(setup, page([], 5, none), page([], 5, none), page([], 9, none));
    const subscription = await subscribe(setup);
    const reading = new Reading(subscription);
    await setup.clock.advance(1_000);
    expect(await reading.shown()).toEqual([]);
    await setup.clock.advance(1_000);
    expect(await reading.shown()).toEqual(["restart(5,9]"]);
    expect(polls(setup).every(({ cursor }) => cursor === null)).toBe(true);
    expect(subscription.cursor).toBeNull();
  });
});

describe("a server without the ordering extension", () => {
  const plain = (ids: string[], cursor: string | null, rest: JsonObject = {}) => ({
    events: ids.map((eventId) => ({
      eventId,
      name: "note.created",
      timestamp: "t",
      data: { n: Number(eventId) },
    })),
    cursor,
    ...rest,
  });

  it("order is the server's; duplicates are dropped by eventId; positions are not made up", async () => {
    const setup = setUp();
    answers(setup, plain([], "a"), plain(["1", "2"], "b"), plain(["2", "3"], "c"), plain([], "c"));
    const reading = new Reading(await subscribe(setup));
    await setup.clock.advance(3_000);
    expect(await reading.shown()).toEqual([1, 2, 3]);
    expect(reading.items[0]).not.toHaveProperty("position");
    expect(polls(setup).map(({ cursor }) => cursor)).toEqual([null, "a", "b", "c"]);
  });

  it("CUR-1 CUR-6: truncated is a gap in line, an absent cursor is null", async () => {
    const setup = setUp();
    answers(setup, plain([], "a"), plain(["5"], "b", { truncated: true }), plain(["6"], "c"), plain([], "c"));
    const reading = new Reading(await subscribe(setup));
    await setup.clock.advance(3_000);
    expect(await reading.shown()).toEqual(["truncated(?,?]", 5, 6]);
  });

  it("the window of eventIds is bounded", async () => {
    const setup = setUp({ dedupeWindow: 2 });
    answers(setup, plain([], "a"), plain(["1", "2", "3"], "b"), plain(["3", "1"], "c"), plain([], "c"));
    const reading = new Reading(await subscribe(setup));
    await setup.clock.advance(3_000);
    expect(await reading.shown()).toEqual([1, 2, 3, 1]);
  });
});
