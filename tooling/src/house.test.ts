import { execFileSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { entryNames, entrySource, filesBelow, isProgram, root, workspacePackages } from "./workspace";

const read = (path: string) => readFileSync(join(root, path), "utf8");
const packages = workspacePackages();

/** Every text file of the repository: what git knows and what it would take. */
const files = execFileSync("git", ["ls-files", "--cached", "--others", "--exclude-standard"], { cwd: root })
  .toString()
  .split("\n")
  .filter((path) => /\.(ts|js|mjs|json|md|ya?ml|sh)$|^\.ci\//.test(path) && existsSync(join(root, path)));

test("no source is longer than 400 lines", () => {
  const sources = files.filter((path) => path.endsWith(".ts"));
  expect(sources.length).toBeGreaterThan(20);
  expect(sources.filter((path) => read(path).split("\n").length > 401)).toEqual([]);
});

test("file names are in kebab-case", () => {
  const sources = files.filter((path) => path.endsWith(".ts")).map((path) => path.split("/").at(-1) ?? "");
  expect(sources.filter((name) => !/^[a-z0-9]+(-[a-z0-9]+)*(\.[a-z]+)*\.ts$/.test(name))).toEqual([]);
});

test("no test is focused, skipped or left to do", () => {
  const put = /\b(it|test|describe)(\.\w+)*\.(only|skip|todo)(\.\w+)*\(/;
  const tests = files.filter(
    (path) => path.endsWith(".test.ts") && path !== "tooling/src/summary-reporter.test.ts",
  );
  expect(tests.filter((path) => put.test(read(path)))).toEqual([]);
});

test("nothing is left open in the sources and nothing points outside the repository", () => {
  const left = new RegExp(["TO", "DO\\b|FIX", "ME\\b|\\.\\./sha", "red"].join(""));
  expect(files.filter((path) => left.test(read(path)))).toEqual([]);
});

test("every link of the documentation to a file of the repository leads somewhere", () => {
  const broken = files
    .filter((path) => path.endsWith(".md") && !path.startsWith(".changeset/"))
    .flatMap((path) =>
      [...read(path).matchAll(/\]\((?!https?:|#|mailto:)([^)#\s]+)/g)]
        .map(([, target]) => join(path, "..", target ?? ""))
        .filter((target) => !existsSync(join(root, target)))
        .map((target) => `${path} → ${target}`),
    );
  expect(broken).toEqual([]);
});

test("barrels name what they export: no export *", () => {
  const sources = filesBelow("packages", ".ts");
  expect(sources.filter((path) => /^export \* from/m.test(read(path)))).toEqual([]);
});

describe.each(packages)("$folder", (found) => {
  const { folder, manifest } = found;

  test("package.json says what every public package says", () => {
    expect(JSON.parse(read(`${folder}/package.json`))).toMatchObject({
      license: "MIT",
      type: "module",
      sideEffects: false,
      engines: { node: ">=20.19" },
      files: ["dist"],
      publishConfig: { access: "public" },
      repository: { directory: folder },
      scripts: { build: "tsup" },
    });
  });

  test("every entry has its source and its conditions, ending in default", () => {
    for (const name of entryNames(found)) {
      expect(existsSync(entrySource(found, name)), name).toBe(true);
      const key = name.slice(manifest.name.length + 1);
      const stem = key === "" ? "index" : key;
      const entry = manifest.exports?.[key === "" ? "." : `./${key}`];
      const expected = { types: `./dist/${stem}.d.ts`, default: `./dist/${stem}.js` };
      expect(Object.entries(entry ?? {})).toEqual(Object.entries(expected));
    }
  });

  test("an MCP SDK is an optional peer, never a dependency; a program brings one, and one only", () => {
    const isSdk = (name: string) => name.startsWith("@modelcontextprotocol/");
    const brought = Object.keys(manifest.dependencies ?? {}).filter(isSdk);
    expect(brought).toEqual(isProgram(found) ? ["@modelcontextprotocol/client"] : []);
    const required = Object.keys(manifest.peerDependencies ?? {})
      .filter(isSdk)
      .filter((name) => manifest.peerDependenciesMeta?.[name]?.optional !== true);
    expect(required).toEqual([]);
  });

  test("is released with a changelog, or has a changeset that announces it", () => {
    const released = existsSync(join(root, folder, "CHANGELOG.md"));
    const pending = filesBelow(".changeset", ".md").some((path) =>
      read(path).includes(`"${manifest.name}":`),
    );
    expect(released || pending).toBe(true);
  });

  test("has a README that shows a runnable example", () => {
    expect(read(`${folder}/README.md`)).toMatch(/^```ts run/m);
  });
});

test("all packages have the same version", () => {
  expect(new Set(packages.map(({ manifest }) => manifest.version)).size).toBe(1);
});
