import { describe, expect, it } from "vitest";
import { EventWindow } from "./event-window";
import { memoryPositions, parseStoredPosition } from "./positions";

describe("positions", () => {
  it("memoryPositions keeps, replaces and forgets", async () => {
    const store = memoryPositions();
    expect(await store.get("k")).toBeUndefined();
    await store.set("k", { version: 1, cursor: "a" });
    await store.set("k", { version: 1, cursor: "b" });
    expect(await store.get("k")).toEqual({ version: 1, cursor: "b" });
    await store.delete("k");
    expect(await store.get("k")).toBeUndefined();
  });

  it("a stored position is read back whole, and anything else is not one", () => {
    const state = { log: "events", epoch: 1, through: 4, ahead: [[5, 6]] };
    const whole = { version: 1, cursor: "c", state, recent: ["e1"] };
    expect(parseStoredPosition(JSON.parse(JSON.stringify(whole)))).toEqual(whole);
    for (const broken of [
      null,
      [],
      { version: 2, cursor: "c" },
      { version: 1 },
      { version: 1, cursor: "c", state: { ...state, through: -1 } },
      { version: 1, cursor: "c", state: { ...state, ahead: [[6, 5]] } },
      { version: 1, cursor: "c", recent: [1] },
    ]) {
      expect(parseStoredPosition(broken)).toBeUndefined();
    }
  });
});

describe("EventWindow", () => {
  it("[pitfall 19] is bounded and forgets the oldest", () => {
    const window = new EventWindow(2);
    for (const [index, id] of ["a", "b", "c"].entries()) window.add(id, index + 1);
    expect(["a", "b", "c"].map((id) => window.has(id))).toEqual([false, true, true]);
    expect(window.between(2, 3)).toEqual(["c"]);
  });

  it("ORDERING rule 17: says under which number the first of an id came, as far back as it reaches", () => {
    const window = new EventWindow(2);
    for (const [index, id] of ["a", "b", "b", "c"].entries()) window.add(id, index + 1);
    expect(["a", "b", "c", "d"].map((id) => window.numberOf(id))).toEqual([undefined, 2, 4, undefined]);
  });
});
