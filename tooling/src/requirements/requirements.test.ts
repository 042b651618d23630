import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { root } from "../workspace";
import { GUARANTEES, RULES } from "./ordering";
import type { Requirements } from "./requirement";
import { TASK_REQUIREMENTS } from "./tasks";
import { idsIn, testTitles, titlesIn } from "./titles";
import { WEBHOOK_REQUIREMENTS } from "./webhooks";
import { WIRE_REQUIREMENTS } from "./wire";

const protocol: Requirements = { ...WIRE_REQUIREMENTS, ...WEBHOOK_REQUIREMENTS, ...TASK_REQUIREMENTS };
const all: Requirements = { ...protocol, ...GUARANTEES, ...RULES };
const named = testTitles().flatMap(({ title, file }) =>
  idsIn(title).map((id) => ({ id, where: `${file}: ${title}` })),
);
const tested = new Set(named.map(({ id }) => id));

function isLater(id: string): boolean {
  const status = all[id]?.status;
  return typeof status === "object" && "later" in status;
}

const read = (path: string) => readFileSync(join(root, path), "utf8");

/** First cells of the rows of a document's tables that are ids. */
const idsInTables = (path: string) => [...read(path).matchAll(/^\| ([A-Z]+-\d+) \|/gm)].map(([, id]) => id);

/** Ids that items of a document's lists begin with. */
const idsInLists = (path: string) =>
  [...read(path).matchAll(/^- \*\*([A-Z]+-\d+)\*\* /gm)].map(([, id]) => id);

test("every id that a test names exists", () => {
  expect(named.filter(({ id }) => all[id] === undefined).map(({ where }) => where)).toEqual([]);
});

test("every requirement that is held, or held in part, has a test that names it", () => {
  const built = Object.keys(all).filter((id) => !isLater(id));
  expect(built.filter((id) => !tested.has(id))).toEqual([]);
});

test("no requirement that is still to come has a test already", () => {
  const early = named.filter(({ id }) => isLater(id));
  expect(early.map(({ where }) => where)).toEqual([]);
});

test("the specification of events lists the same ids, and docs/protocol.md those of tasks", () => {
  const events = { ...WIRE_REQUIREMENTS, ...WEBHOOK_REQUIREMENTS };
  expect(idsInLists("docs/specification/events.md").sort()).toEqual(Object.keys(events).sort());
  expect(idsInTables("docs/protocol.md")).toEqual(Object.keys(TASK_REQUIREMENTS));
});

test("the specification of ordering lists the same guarantees, and docs/ordering-rules.md the same rules", () => {
  expect(idsInTables("docs/specification/ordering.md")).toEqual(Object.keys(GUARANTEES));
  const numbers = [...read("docs/ordering-rules.md").matchAll(/^(\d+)\. /gm)];
  expect(numbers.map(([, number]) => `RULE-${number}`)).toEqual(Object.keys(RULES));
});

describe("how titles are read", () => {
  test("calls of it, test and describe, also by each, and titles of published cases", () => {
    const source = `
      describe("A", () => { it.each([1])("B %s", () => {}); test(\`C \${x}\`, () => {}); other("D"); });
      const cases = [{ title: "E", run() {} }];`;

    expect(titlesIn(source)).toEqual(["A", "B %s", `\`C \${x}\``, "E"]);
  });

  test("ids and rules, single, in lists and in ranges; nothing else that looks like an id", () => {
    const title = "PUSH-4 CUR-4 to CUR-6: rule 5, ORDERING rules 15-17, rules 2 and 3 with UTF-8 and SHA-256";
    expect(idsIn(title)).toEqual([
      "PUSH-4",
      "CUR-4",
      "CUR-5",
      "CUR-6",
      "RULE-5",
      "RULE-15",
      "RULE-16",
      "RULE-17",
      "RULE-2",
      "RULE-3",
    ]);
  });
});
