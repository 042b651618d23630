import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { root } from "../workspace";
import { PROGRAMS } from "./runtimes";
import { runtimesTable } from "./table";

test("docs/runtimes.md says what check-runtimes holds the runtimes to", () => {
  expect(readFileSync(join(root, "docs/runtimes.md"), "utf8")).toContain(`\n${runtimesTable()}\n`);
});

test("every program that can be run is tried", () => {
  const folder = join(import.meta.dirname, "programs");
  const runnable = readdirSync(folder).filter((name) =>
    readFileSync(join(folder, name), "utf8").includes("export async function run("),
  );
  expect(runnable.sort()).toEqual(
    Object.keys(PROGRAMS)
      .map((program) => `${program}.js`)
      .sort(),
  );
});
