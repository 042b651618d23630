import { expect, test } from "vitest";
import { ManualClock } from "../../../ordering/src/testing/manual-clock";
import { Place, Places } from "./places";
import { Rates } from "./rates";

function setUp(perHost: number, total: number, ratePerSecond?: number) {
  const clock = new ManualClock();
  const rates = ratePerSecond === undefined ? undefined : new Rates(ratePerSecond, 1_000);
  const places = new Places({ perHost, total, rates }, clock);
  const begun: string[] = [];
  const enter = (host: string, name: string) => {
    const place = new Place(host, () => begun.push(name));
    places.enter(place);
    return place;
  };
  return { clock, places, begun, enter };
}

test("HOOK-12: at each host they begin in the order they came", () => {
  const { places, begun, enter } = setUp(1, 10);
  const all = ["a", "b", "c"].map((name) => enter("h", name));
  expect(begun).toEqual(["a"]);
  places.leave(all[0]!);
  places.leave(all[1]!);
  expect(begun).toEqual(["a", "b", "c"]);
});

test("a host never has more than its places", () => {
  const { begun, enter } = setUp(3, 10);
  for (let index = 0; index < 50; index += 1) enter("h", String(index));
  expect(begun).toEqual(["0", "1", "2"]);
});

test("HOOK-14: 10,000 who wait at one host hold up no other", () => {
  const { places, begun, enter } = setUp(64, 512);
  for (let index = 0; index < 10_000; index += 1) enter("slow", `slow ${index}`);
  expect(begun).toHaveLength(64);
  const swift = enter("swift", "swift");
  expect(begun.at(-1)).toBe("swift");
  places.leave(swift);
  expect(begun).toHaveLength(65);
});

test("HOOK-14: where the total is the limit, hosts take turns", () => {
  const { places, begun, enter } = setUp(10, 2);
  const first = [enter("slow", "s0"), enter("slow", "s1")];
  for (let index = 2; index < 100; index += 1) enter("slow", `s${index}`);
  enter("swift", "w0");
  enter("other", "o0");
  for (const place of first) places.leave(place);
  expect(begun).toEqual(["s0", "s1", "s2", "w0"]);
});

test("who stops waiting frees nothing that is in use, and never begins", () => {
  const { places, begun, enter } = setUp(1, 10);
  const a = enter("h", "a");
  const b = enter("h", "b");
  enter("h", "c");
  places.leave(b);
  places.leave(b);
  expect(begun).toEqual(["a"]);
  places.leave(a);
  expect(begun).toEqual(["a", "c"]);
});

test("100,000 who leave as they begin do not nest", () => {
  const { places, enter } = setUp(1, 1);
  const first = enter("h", "first");
  let begun = 0;
  for (let index = 0; index < 100_000; index += 1) {
    const place: Place = new Place("h", () => {
      begun += 1;
      places.leave(place);
    });
    places.enter(place);
  }
  places.leave(first);
  expect(begun).toBe(100_000);
  expect(places.hosts).toBe(0);
});

test("HOOK-14: a rate lets a second's worth through at once, then one at a time", async () => {
  const { clock, places, begun, enter } = setUp(100, 100, 4);
  for (let index = 0; index < 8; index += 1) enter("h", String(index));
  enter("other", "other");
  expect(begun).toEqual(["0", "1", "2", "3", "other"]);
  await clock.advance(250);
  expect(begun.at(-1)).toBe("4");
  await clock.advance(499);
  expect(begun.at(-1)).toBe("5");
  await clock.advance(1_000);
  expect(begun).toHaveLength(9);
  expect(places.waiting("h")).toBe(0);
});

test("HOOK-14: who stops waiting for the rate leaves no timer", () => {
  const { clock, places, enter } = setUp(100, 100, 1);
  const all = [enter("h", "a"), enter("h", "b")];
  expect(clock.pending).toBe(1);
  for (const place of all) places.leave(place);
  expect(clock.pending).toBe(0);
  expect(places.hosts).toBe(0);
});

test("HOOK-7: rates of names that rest are forgotten", () => {
  const rates = new Rates(2, 1_000);
  for (let index = 0; index < 10_000; index += 1) rates.take(`h${index}`, index * 100);
  expect(rates.size).toBeLessThan(2_049);
  expect(rates.waitMs("new", 2, 0)).toBe(0);
  expect(rates.waitMs("new", 4, 0)).toBe(1_000);
});
