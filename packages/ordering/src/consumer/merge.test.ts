import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Merge } from "./merge";

const at = (epoch: number, seq: number, log = "events") => ({ log, epoch, seq });

function drain(merge: Merge<string, string>): string[] {
  const out: string[] = [];
  for (let one = merge.next(); one !== undefined; one = merge.next()) out.push(one.item);
  return out;
}

describe("ORD-5 ORDERING rule 24: merge", () => {
  it("lets an event out once every input's position has passed it", () => {
    const merge = new Merge<string, string>(["a", "b"]);
    merge.offer("a", at(1, 5), "a5");
    expect(drain(merge)).toEqual([]);
    merge.position("b", at(1, 4));
    expect(drain(merge)).toEqual([]);
    merge.position("b", at(1, 5));
    expect(drain(merge)).toEqual(["a5"]);
  });

  it("D17: compares (epoch, seq), so that a new epoch waits for the end of the old one", () => {
    const merge = new Merge<string, string>(["a", "b"]);
    merge.offer("a", at(1, 9), "a1:9");
    merge.offer("a", at(2, 1), "a2:1");
    merge.offer("b", at(1, 10), "b1:10");
    expect(drain(merge)).toEqual(["a1:9", "b1:10"]);
    merge.position("b", at(2, 1));
    expect(drain(merge)).toEqual(["a2:1"]);
  });

  it("D8: an input that leads by its bound is not wanted; a quiet one is asked after mergeWaitMs, once a wait", () => {
    const merge = new Merge<string, string>(["busy", "quiet"], { mergeWaitMs: 250, maxBuffered: 3 });
    for (const seq of [1, 2, 3]) merge.offer("busy", at(1, seq), `${seq}`);
    expect([merge.wants("busy"), merge.wants("quiet")]).toEqual([false, true]);
    expect(merge.late(0)).toEqual([]);
    expect(merge.late(249)).toEqual([]);
    expect(merge.late(250)).toEqual(["quiet"]);
    expect(merge.late(251)).toEqual([]);
    merge.position("quiet", at(1, 3));
    expect(drain(merge)).toEqual(["1", "2", "3"]);
    expect(merge.late(9_999)).toEqual([]);
    expect(merge.wants("busy")).toBe(true);
  });

  it("inputs that end leave", () => {
    const merge = new Merge<string, string>(["a", "b"]);
    merge.offer("a", at(1, 5), "a5");
    merge.end("b");
    expect(drain(merge)).toEqual(["a5"]);
    merge.end("a");
    expect(merge.finished).toBe(true);
  });

  it("inputs of different logs, and items without a position, do not wait for each other", () => {
    const merge = new Merge<string, string>(["a", "b", "plain"]);
    merge.position("plain", at(0, 0, ""));
    merge.position("b", at(1, 0, "other"));
    merge.offer("a", at(1, 5), "a5");
    merge.offer("plain", undefined, "p");
    expect(drain(merge).sort()).toEqual(["a5", "p"]);
  });

  it("property: any interleaving of inputs and positions comes out in log order, whole", () => {
    const inputs = ["a", "b", "c"];
    fc.assert(
      fc.property(
        fc.array(fc.constantFrom(...inputs, "none"), { maxLength: 40 }),
        fc.infiniteStream(fc.nat(5)),
        (owners, choices) => {
          const merge = new Merge<string, number>(inputs, { maxBuffered: 4 });
          const views = inputs.map((name) => owners.flatMap((owner, i) => (owner === name ? [i + 1] : [])));
          const next = [0, 0, 0];
          const out: number[] = [];
          for (let steps = 0; !merge.finished && steps < 2_000; steps += 1) {
            const choice = (choices.next().value as number) % 3;
            const name = inputs[choice] as string;
            const seq = views[choice]?.[next[choice] as number];
            if (seq === undefined) merge.end(name);
            else if (!merge.wants(name)) merge.position(name, at(1, seq - 1));
            else {
              merge.position(name, at(1, seq - 1));
              merge.offer(name, at(1, seq), seq);
              next[choice] = (next[choice] as number) + 1;
            }
            for (let one = merge.next(); one !== undefined; one = merge.next()) out.push(one.item);
          }
          expect(out).toEqual(owners.flatMap((owner, i) => (owner === "none" ? [] : [i + 1])));
        },
      ),
    );
  });

  it("option_invalid for a bound that is not positive", () => {
    expect(() => new Merge([], { maxBuffered: 0 })).toThrow(
      expect.objectContaining({ code: "option_invalid" }),
    );
  });
});
