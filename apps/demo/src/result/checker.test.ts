import { describe, expect, it } from "vitest";
import { checkEmitter, checkPath } from "./checker";
import type { Emitted, Observed } from "./record";

const emitted: Emitted[] = ["a", "b", "c", "d"].map((eventId, call) => ({
  call,
  eventId,
  name: "push",
  epoch: 1,
  seq: call * 2 + 1,
  digest: `digest-${eventId}`,
  emittedAt: 1_000 + call,
}));

/** What a handler was given, by event ids; each 5 ms after it was emitted. */
function observe(...ids: string[]): Observed[] {
  return ids.map((id) => {
    const original = emitted.find(({ eventId }) => eventId === id) as Emitted;
    const { call: _call, emittedAt, ...event } = original;
    return { ...event, handledAt: emittedAt + 5 };
  });
}

describe("checkPath", () => {
  it("calls the emitter's sequence identical", () => {
    expect(checkPath("p", emitted, observe("a", "b", "c", "d"))).toEqual({
      path: "p",
      received: 4,
      outOfOrder: 0,
      duplicated: 0,
      altered: 0,
      lost: 0,
      gaps: 0,
      latencyMs: { p50: 5, p99: 5 },
      differences: [],
      identical: true,
    });
  });

  it("finds a duplicate, also at the very end", () => {
    const result = checkPath("p", emitted, observe("a", "b", "b", "c", "d", "d"));
    expect(result).toMatchObject({ received: 6, duplicated: 2, lost: 0, outOfOrder: 0, identical: false });
    expect(result.differences[0]).toContain("event 3 (push b) had been received before");
  });

  it("finds what is lost in the middle and at the end", () => {
    const result = checkPath("p", emitted, observe("a", "c"));
    expect(result).toMatchObject({ lost: 2, outOfOrder: 0, identical: false });
    expect(result.differences).toEqual([
      "p: seq 3 (push b) was not received",
      "p: seq 7 (push d) was not received",
    ]);
  });

  it("finds an event that came after a later one", () => {
    const result = checkPath("p", emitted, observe("a", "c", "b", "d"));
    expect(result).toMatchObject({ outOfOrder: 1, duplicated: 0, lost: 0, identical: false });
    expect(result.differences[0]).toContain("event 3 (push b) came after c");
  });

  it.each([
    ["payload", { digest: "another" }],
    ["seq 99, not 3", { seq: 99 }],
    ["epoch 2, not 1", { epoch: 2 }],
    ["name pull, not push", { name: "pull" }],
  ])("finds an event altered on the way: %s", (difference, change) => {
    const observed = observe("a", "b", "c", "d");
    observed[1] = { ...(observed[1] as Observed), ...change };
    const result = checkPath("p", emitted, observed);
    expect(result).toMatchObject({ altered: 1, lost: 0, identical: false });
    expect(result.differences[0]).toContain(difference);
  });

  it("finds an event that was never emitted", () => {
    const stray = { ...(observe("a")[0] as Observed), eventId: "x" };
    const result = checkPath("p", emitted, [...observe("a", "b", "c", "d"), stray]);
    expect(result).toMatchObject({ altered: 1, identical: false });
  });

  it("does not accept a sequence with a gap in it, whole as it may be", () => {
    const gaps = [{ gap: "lost" }];
    const result = checkPath("p", emitted, observe("a", "b", "c", "d"), gaps);
    expect(result).toMatchObject({ gaps: 1, lost: 0, identical: false });
  });

  it("finds everything lost when nothing was received", () => {
    expect(checkPath("p", emitted, [])).toMatchObject({ lost: 4, latencyMs: null, identical: false });
  });

  it("says the first differences only", () => {
    expect(checkPath("p", emitted, observe("d", "d", "d", "d", "d", "d", "d")).differences).toHaveLength(5);
  });
});

describe("checkEmitter", () => {
  const posted = emitted.map(({ eventId, name, digest }) => ({ id: eventId, type: name, digest }));

  it("finds nothing when each delivery was emitted once and numbered in the order of the calls", () => {
    expect(checkEmitter(posted, emitted)).toEqual([]);
  });

  it("finds a delivery that was not emitted", () => {
    expect(checkEmitter(posted, emitted.slice(1))).toEqual(["emitter: push a was posted, not emitted"]);
  });

  it("finds a delivery emitted twice", () => {
    const again = { ...(emitted[3] as Emitted), seq: 99 };
    expect(checkEmitter(posted, [...emitted, again])).toEqual([
      "emitter: d was emitted twice, or never posted",
    ]);
  });

  it("finds a payload that is not the posted one", () => {
    const changed = emitted.map((event) => (event.eventId === "b" ? { ...event, digest: "x" } : event));
    expect(checkEmitter(posted, changed)).toEqual(["emitter: b is not what was posted"]);
  });

  it("finds numbers that do not follow the calls (ORD-8)", () => {
    const swapped = emitted.map((event, index) => ({ ...event, seq: [1, 5, 3, 7][index] as number }));
    expect(checkEmitter(posted, swapped)).toEqual([
      "emitter: c was emitted later and has the lower number 3",
    ]);
  });
});
