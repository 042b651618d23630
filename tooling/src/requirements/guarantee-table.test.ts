import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { root } from "../workspace";
import { tableProblems } from "./guarantee-table";
import { GUARANTEES } from "./ordering";
import { held, later } from "./requirement";
import { testTitles } from "./titles";

test("the table in docs/ordering.md has each guarantee of the manifest, with tests that name it", () => {
  const path = "docs/ordering.md";
  const markdown = readFileSync(join(root, path), "utf8");
  expect(tableProblems(markdown, path, GUARANTEES, testTitles())).toEqual([]);
});

describe("what does not fit", () => {
  const guarantees = {
    "ORD-1": held("built"),
    "ORD-2": held("built as well"),
    "ORD-3": later("other work", "not built"),
  };
  const tests = [
    { title: "ORD-1: one", file: "packages/a/src/one.test.ts" },
    { title: "ORD-2 rule 4: two", file: "packages/a/src/two.test.ts" },
  ];
  const fits = [
    "| id | promise | tests |",
    "|---|---|---|",
    "| ORD-1 | is built | [one](../packages/a/src/one.test.ts) |",
    "| ORD-2 | is there | [two](../packages/a/src/two.test.ts) |",
    "| ORD-3 | to come | |",
  ].join("\n");
  const problems = (from: string, to: string) =>
    tableProblems(fits.replace(from, to), "docs/x.md", guarantees, tests);

  test("nothing, where all does", () => {
    expect(problems("", "")).toEqual([]);
  });

  test.each([
    ["a row that is missing", "| ORD-2 |", "| two |", ["ORD-2: has no row"]],
    ["a row too many", "| ORD-3 |", "| ORD-9 |", ["ORD-9: is not in the manifest", "ORD-3: has no row"]],
    ["no test", "[one](../packages/a/src/one.test.ts)", "", ["ORD-1: links no test"]],
    [
      "a test of something else",
      "one.test.ts",
      "two.test.ts",
      ["ORD-1: no title in packages/a/src/two.test.ts names it"],
    ],
    ["what is built and called to come", "is built", "to come", ["ORD-1: is built"]],
    ["what is to come and not called so", "| to come |", "| |", ['ORD-3: does not say "to come"']],
  ])("%s", (_what, from, to, expected) => {
    expect(problems(from, to)).toEqual(expected);
  });
});
