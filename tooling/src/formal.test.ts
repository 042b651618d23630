import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { CONFIGURATIONS, CONTROLS, PROPERTIES } from "../../formal/cases";
import { formalTables } from "../../formal/tables";
import { filesBelow, root } from "./workspace";

const read = (path: string) => readFileSync(join(root, path), "utf8");
const model = filesBelow("formal", ".pml").map(read).join("\n");

/** Settings of the model that are bounds and kinds, not rules switched off. */
const SETTINGS = ["BY_KEY", "LIVENESS", "NO_STORE", "N", "ONLY", "PLAIN", "TRIES", "WINDOW"];

test("docs/formal.md has the tables of what is checked", () => {
  const page = read("docs/formal.md");
  expect(formalTables().filter((table) => !page.includes(`\n\n${table}\n\n`))).toEqual([]);
});

test("each switch of the model is a control or a setting, and each control is a switch", () => {
  const conditions = [...model.matchAll(/^#(?:if|ifdef|ifndef|elif) (.*)$/gm)].map(([, text]) => text ?? "");
  expect(conditions.length).toBeGreaterThan(20);
  const named = conditions.flatMap((text) => text.match(/\b[A-Z][A-Z_]*\b/g) ?? []);
  const expected = [...SETTINGS, ...CONTROLS.map(({ name }) => name)];
  expect([...new Set(named)].sort()).toEqual(expected.sort());
});

test("each property is one that the model looks at, and some control breaks it", () => {
  const names = /mtype = \{ (ORD_1, [^}]*) \}/.exec(model)?.[1]?.split(", ") ?? [];
  const properties = Object.keys(PROPERTIES).filter((name) => name !== "ENDS");
  expect(names.map((name) => name.replace("_", "-"))).toEqual(properties);
  for (const name of names) expect(model).toContain(`check(${name}, `);
  expect(model).toContain("ltl settles { <> over }");
  expect([...new Set(CONTROLS.map(({ breaks }) => breaks))].sort()).toEqual(Object.keys(PROPERTIES).sort());
});

test("each control is switched on in a configuration that is there, under a name of its own", () => {
  const configurations = CONFIGURATIONS.map(({ name }) => name);
  expect(CONTROLS.filter(({ on }) => !configurations.includes(on))).toEqual([]);
  const names = [...configurations, ...CONTROLS.map(({ name }) => name)];
  expect(new Set(names).size).toBe(names.length);
});

test("CI checks the model, and has no way past it", () => {
  const ci = read(".ci/run");
  expect(ci).toMatch(/^step "formal model" formal \|\| true$/m);
  expect(ci).toMatch(/apt-get install -y --no-install-recommends spin gcc libc6-dev \|\| return 1/);
  expect(JSON.parse(read("package.json")).scripts.formal).toBe("tsx formal/check.ts");
});
