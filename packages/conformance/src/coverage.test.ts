import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { listClientChecks } from "./client";
import { type CheckInfo, ruleOf } from "./kit/check";
import { listReceiverChecks } from "./receiver";
import { listServerChecks } from "./server";

const docs = join(import.meta.dirname, "../../../docs");
const read = (name: string) => readFileSync(join(docs, name), "utf8");
const LISTS = [listServerChecks(), listClientChecks(), listReceiverChecks()];

const idsIn = (name: string, pattern: RegExp) => [...read(name).matchAll(pattern)].map(([, id]) => id ?? "");

/** Every rule there is: of events, of tasks, the guarantees of order and the numbered rules of the engine. */
function rules(): string[] {
  return [
    ...idsIn("specification/events.md", /^- \*\*([A-Z]+-\d+)\*\* /gm),
    ...idsIn("protocol.md", /^\| (TASK-\d+) \|/gm),
    ...idsIn("specification/ordering.md", /^\| (ORD-\d+) \|/gm),
    ...idsIn("ordering-rules.md", /^(\d+)\. /gm).map((number) => `RULE-${number}`),
  ];
}

/** The rows of the table in docs/conformance.md: rule, checks of server, client and receiver, reason. */
function rows(): string[][] {
  return [...read("conformance.md").matchAll(/^\| ((?:[A-Z]+)-\d+) \|(.*)\|$/gm)].map(
    ([, rule = "", cells = ""]) => [rule, ...cells.split("|").map((cell) => cell.trim())],
  );
}

const wordsOf = (checks: readonly CheckInfo[], rule: string) =>
  checks.filter(({ id }) => ruleOf(id) === rule).map(({ id }) => id.slice(rule.length + 1));

test("docs/conformance.md has a row for every rule, and one only", () => {
  expect(
    rows()
      .map(([rule]) => rule)
      .sort(),
  ).toEqual(rules().sort());
});

test("each row lists the checks that there are", () => {
  const listed = rows().map(([rule = "", ...cells]) => [rule, ...cells.slice(0, 3)]);
  const real = rows().map(([rule = ""]) => [
    rule,
    ...LISTS.map((checks) => wordsOf(checks, rule).join(", ")),
  ]);
  expect(listed).toEqual(real);
});

test("a rule without a check says why", () => {
  const silent = rows().filter(
    ([, server, client, receiver, why]) => !server && !client && !receiver && !why,
  );
  expect(silent).toEqual([]);
});

test("every check belongs to a rule, has an id of its own and says where the rule stands", () => {
  for (const checks of LISTS) {
    expect(new Set(checks.map(({ id }) => id)).size).toBe(checks.length);
    for (const { id, title, reference } of checks) {
      expect(rules(), id).toContain(ruleOf(id));
      expect(title, id).toMatch(/\w+ \w+/);
      expect(reference, id).toMatch(/^(SEP-3415, \w|docs\/[\w/-]+\.md, \w)/);
    }
  }
});
