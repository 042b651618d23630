import { expect, it } from "vitest";
import { formatTable } from "./table";

it("puts the first column to the left and numbers to the right", () => {
  expect(
    formatTable(
      ["path", "received", "lost"],
      [
        ["stdio push", "3000", "0"],
        ["http", "7", "12345"],
      ],
    ),
  ).toEqual([
    "path        received   lost",
    "----------  --------  -----",
    "stdio push      3000      0",
    "http               7  12345",
  ]);
});

it("is as wide as its titles when there is no row", () => {
  expect(formatTable(["path", "lost"], [])).toEqual(["path  lost", "----  ----"]);
});
