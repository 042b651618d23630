import { expect, it } from "vitest";
import { checkTicks } from "./check-ticks";
import type { ConsumerLine } from "./record-lines";

const tick = (n: number, epoch = 1): ConsumerLine => ({
  kind: "event",
  eventId: `tick-${n}`,
  epoch,
  seq: n,
  n,
});
const started: ConsumerLine = { kind: "started" };

it("takes ticks that follow one another over kills and epochs", () => {
  const lines = [started, tick(5), tick(6), started, tick(6), tick(7, 2), started, tick(8, 2)];
  expect(checkTicks(lines, 1)).toEqual({ ticks: 4, problems: [] });
});

it("takes as many ticks again as may be unstored", () => {
  const lines = [tick(5), tick(6), started, tick(5), tick(6), tick(7)];
  expect(checkTicks(lines, 2)).toEqual({ ticks: 3, problems: [] });
});

it.each<[string, ConsumerLine[]]>([
  ["a missing tick", [tick(5), tick(7)]],
  ["a repeated tick", [tick(5), tick(5)]],
  ["a repeat of more than a kill explains", [tick(5), tick(6), started, tick(5), tick(6)]],
  ["ticks in another order", [tick(5), tick(7), tick(6)]],
  ["a gap", [tick(5), { kind: "gap", reason: "reset" }, tick(6)]],
  ["an event that is no tick", [{ kind: "event", eventId: "x", epoch: 1, seq: 1 }]],
])("catches %s", (_what, lines) => {
  expect(checkTicks(lines, 1).problems).not.toEqual([]);
});
