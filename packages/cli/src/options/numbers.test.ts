import { expect, it } from "vitest";
import { milliseconds, wholeNumber } from "./numbers";

it("whole numbers within bounds are read", () => {
  expect([wholeNumber(0)("0"), wholeNumber(1)("42"), milliseconds(1)("2147483647")]).toEqual([
    0, 42, 2_147_483_647,
  ]);
});

it.each(["", "-1", "1.5", "1e3", "0x10", " 1", "abc", "2147483648", "99999999999999999999"])(
  "%j is refused",
  (text) => {
    expect(() => milliseconds(0)(text)).toThrow("A whole number in 0 … 2147483647 is wanted.");
  },
);

it("below the bound is refused", () => {
  expect(() => wholeNumber(1)("0")).toThrow("from 1 on");
});
