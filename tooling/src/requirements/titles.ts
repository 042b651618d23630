import { readFileSync } from "node:fs";
import { join } from "node:path";
import ts from "typescript";
import { filesBelow, root } from "../workspace";

const TEST_FUNCTIONS = new Set(["it", "test", "describe"]);

/** The titles of all tests, those of the published suites included, each with its file. */
export function testTitles(): { title: string; file: string }[] {
  const files = ["packages", "apps", "simulator", "tooling"].flatMap((folder) => filesBelow(folder, ".ts"));
  return files
    .filter((file) => file.endsWith(".test.ts") || file.startsWith("packages/conformance/src/"))
    .filter((file) => !file.startsWith("tooling/src/requirements/"))
    .flatMap((file) => titlesIn(readFileSync(join(root, file), "utf8")).map((title) => ({ title, file })));
}

/** Titles in a source: what is given to `it`, `test` and `describe`, and `title` of a published case. */
export function titlesIn(source: string): string[] {
  const titles: string[] = [];
  const visit = (node: ts.Node): void => {
    const title = textOf(titleOf(node));
    if (title !== "") titles.push(title);
    ts.forEachChild(node, visit);
  };
  visit(ts.createSourceFile("x.ts", source, ts.ScriptTarget.Latest, true));
  return titles;
}

function titleOf(node: ts.Node): ts.Expression | undefined {
  if (ts.isPropertyAssignment(node) && node.name.getText() === "title") return node.initializer;
  if (ts.isCallExpression(node) && TEST_FUNCTIONS.has(rootName(node.expression))) return node.arguments[0];
  return undefined;
}

/** `test` for `test`, `test.each`, `test.each([…])`, `` test.each`…` ``. */
function rootName(node: ts.Expression): string {
  if (ts.isPropertyAccessExpression(node) || ts.isCallExpression(node)) return rootName(node.expression);
  if (ts.isTaggedTemplateExpression(node)) return rootName(node.tag);
  return ts.isIdentifier(node) ? node.text : "";
}

function textOf(node: ts.Expression | undefined): string {
  if (node === undefined) return "";
  if (ts.isStringLiteralLike(node)) return node.text;
  return ts.isTemplateExpression(node) ? node.getText() : "";
}

const IDS = /\b(CAP|LIST|OCC|CUR|POLL|PUSH|HOOK|AUTH|TASK|ORD)-(\d+)(?: to \1-(\d+))?\b/g;
const RULES = /\brules? (\d+(?:(?:-|–| to |, | and )\d+)*)/gi;

/** The ids that a title names: `PUSH-4`, and `RULE-5` for `rule 5`; `ORD-1 to ORD-4` are four, `rules 15-20` six. */
export function idsIn(title: string): string[] {
  const ids = [...title.matchAll(IDS)].flatMap(([, family, first, last = first]) =>
    numbersIn(`${first}-${last}`).map((number) => `${family}-${number}`),
  );
  const rules = [...title.matchAll(RULES)].flatMap(([, numbers]) => numbersIn(numbers ?? ""));
  return [...ids, ...rules.map((number) => `RULE-${number}`)];
}

function numbersIn(list: string): number[] {
  return list.split(/, | and /).flatMap((part) => {
    const [first = 0, last = first] = part.split(/-|–| to /).map(Number);
    return Array.from({ length: last - first + 1 }, (_, index) => first + index);
  });
}
