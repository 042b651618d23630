import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { TaskState, TaskStatus } from "../task-state";
import { TaskTimeline } from "./task-timeline";

/** A state at a millisecond. */
function at(ms: number, rest: Partial<TaskState> = {}): TaskState {
  const createdAt = new Date(0).toISOString();
  const lastUpdatedAt = new Date(ms).toISOString();
  return { taskId: "t", status: "working", createdAt, lastUpdatedAt, ttl: null, ...rest };
}

const message = (state: TaskState | undefined) => state?.statusMessage;

describe("TASK-1: events and tasks/get in one line", () => {
  it("what is known already is no news, from either side", () => {
    const timeline = new TaskTimeline(at(0));
    expect(timeline.fromEvent(at(0))).toBeUndefined();
    expect(timeline.fromAnswer(at(0), timeline.mark)).toBeUndefined();
    expect(message(timeline.fromEvent(at(1, { statusMessage: "a" })))).toBe("a");
    expect(timeline.fromAnswer(at(1, { statusMessage: "a" }), timeline.mark)).toBeUndefined();
  });

  it("events that come after an answer which went beyond them do not lead back", () => {
    const timeline = new TaskTimeline(at(0));
    timeline.fromAnswer(at(5, { statusMessage: "c" }), timeline.mark);
    expect(timeline.fromEvent(at(1, { statusMessage: "a" }))).toBeUndefined();
    expect(timeline.fromEvent(at(5, { statusMessage: "b" }))).toBeUndefined();
    expect(timeline.fromEvent(at(5, { statusMessage: "c" }))).toBeUndefined();
    expect(message(timeline.fromEvent(at(5, { statusMessage: "d" })))).toBe("d");
  });

  it("an answer that an event overtook does not lead back; one that was asked for after it holds", () => {
    const timeline = new TaskTimeline(at(0));
    const asked = timeline.mark;
    timeline.fromEvent(at(5, { statusMessage: "b" }));
    expect(timeline.fromAnswer(at(5, { statusMessage: "a" }), asked)).toBeUndefined();
    expect(message(timeline.fromAnswer(at(5, { statusMessage: "c" }), timeline.mark))).toBe("c");
  });

  it("nothing follows the end, and the end needs no newer time", () => {
    const timeline = new TaskTimeline(at(9));
    expect(timeline.fromEvent(at(3, { status: "failed" }))?.status).toBe("failed");
    expect(timeline.fromEvent(at(10))).toBeUndefined();
    expect(timeline.fromAnswer(at(10, { status: "completed" }), timeline.mark)).toBeUndefined();
  });

  it("progress is the events' to tell, and stays when an answer does not know of it", () => {
    const timeline = new TaskTimeline(at(0));
    timeline.fromAnswer(at(5, { statusMessage: "b" }), timeline.mark);
    const late = timeline.fromEvent(at(1, { statusMessage: "a", progress: { progress: 1 } }));
    expect(late).toMatchObject({ statusMessage: "b", progress: { progress: 1 } });
    const answer = timeline.fromAnswer(at(6, { statusMessage: "c" }), timeline.mark);
    expect(answer).toMatchObject({ statusMessage: "c", progress: { progress: 1 } });
  });

  it("whatever the timing: no state twice, none after a later one, and always the last", () => {
    const step = fc.constantFrom("change", "deliver", "ask", "read", "answer");
    const gaps = fc.array(fc.integer({ min: 0, max: 1 }), { minLength: 1, maxLength: 12 });
    fc.assert(
      fc.property(gaps, fc.array(step, { maxLength: 80 }), (times, steps) => {
        const history = historyOf(times);
        const seen = play(history, steps).map((state) => Number(state.statusMessage));
        expect(seen).toEqual([...new Set(seen)].sort((a, b) => a - b));
        expect(seen.at(-1)).toBe(history.length - 1);
      }),
      { numRuns: 2_000 },
    );
  });
});

/** A task that changes now and then, several times in one millisecond, and is completed at last. */
function historyOf(gaps: readonly number[]): TaskState[] {
  let ms = 0;
  return [0, ...gaps].map((gap, index) => {
    ms += gap;
    const status: TaskStatus = index === gaps.length ? "completed" : "working";
    return at(ms, { status, statusMessage: String(index) });
  });
}

/** Plays one timing of changes, deliveries and one question at a time; then everything else is delivered. */
function play(history: readonly TaskState[], steps: readonly string[]): TaskState[] {
  const timeline = new TaskTimeline(history[0]!);
  const seen: TaskState[] = [];
  const take = (state: TaskState | undefined) => {
    if (state !== undefined) seen.push(state);
  };
  let happened = 0;
  let delivered = -1;
  let asked: { mark: number; read?: TaskState } | undefined;
  for (const step of steps) {
    if (step === "change" && happened < history.length - 1) happened += 1;
    if (step === "deliver" && delivered < happened) take(timeline.fromEvent(history[++delivered]!));
    if (step === "ask") asked ??= { mark: timeline.mark };
    if (step === "read" && asked !== undefined) asked.read ??= history[happened]!;
    if (step === "answer" && asked?.read !== undefined) {
      take(timeline.fromAnswer(asked.read, asked.mark));
      asked = undefined;
    }
  }
  while (delivered < history.length - 1) take(timeline.fromEvent(history[++delivered]!));
  return seen;
}
