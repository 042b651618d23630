import { existsSync } from "node:fs";
import { isBuiltin } from "node:module";
import { relative } from "node:path";
import { describe, expect, test } from "vitest";
import { importsOf, isTestSource, packageOf, reachableFrom, resolveRelative, sourcesOf } from "./imports";
import { entryNames, entrySource, root, workspacePackages } from "./workspace";

const scope = "@mcp-events/";

/** Which package may import which. A new package takes its place here before it imports anything. */
const ALLOWED: Readonly<Record<string, readonly string[]>> = {
  protocol: [],
  ordering: ["protocol"],
  server: ["protocol", "ordering"],
  client: ["protocol", "ordering"],
  "transport-stdio": ["protocol"],
  "transport-http": ["protocol"],
  "transport-webhook": ["protocol", "ordering"],
  "store-sqlite": ["protocol", "ordering"],
  conformance: ["protocol", "ordering"],
  "store-nats": ["protocol", "ordering"],
  cli: ["protocol", "client", "conformance", "transport-stdio", "transport-http", "transport-webhook"],
  tasks: ["protocol", "server", "client"],
};

/** The only entries that may name an MCP SDK, and which. */
const SDK_ENTRIES: Readonly<Record<string, readonly string[]>> = {
  "@mcp-events/server/sdk-v1": ["@modelcontextprotocol/sdk"],
  "@mcp-events/server/sdk-v2": ["@modelcontextprotocol/server"],
  "@mcp-events/cli": ["@modelcontextprotocol/client", "@modelcontextprotocol/sdk"],
};

const packages = workspacePackages().map((found) => ({
  ...found,
  short: found.manifest.name.slice(scope.length),
}));

test("every package has its place in the import rules", () => {
  expect(packages.map(({ short }) => short).sort()).toEqual(Object.keys(ALLOWED).sort());
});

test("the folder, the name and the repository field of a package agree", () => {
  for (const { folder, short } of packages) expect(folder).toBe(`packages/${short}`);
});

describe.each(packages)("$folder", ({ folder, short, manifest }) => {
  const sources = sourcesOf(`${folder}/src`);
  const shipped = sources.filter((path) => !isTestSource(path));

  test("imports only the packages that its place allows", () => {
    const wrong = shipped.flatMap((path) =>
      importsOf(path)
        .filter((name) => name.startsWith(scope))
        .filter((name) => !(ALLOWED[short] ?? []).includes(packageOf(name).slice(scope.length)))
        .map((name) => `${path} → ${name}`),
    );
    expect(wrong).toEqual([]);
  });

  test("declares only the workspace packages that its place allows", () => {
    const declared = Object.keys({ ...manifest.dependencies, ...manifest.peerDependencies });
    const wrong = declared.filter((name) => name.startsWith(scope)).map((name) => name.slice(scope.length));
    expect(wrong.filter((name) => !(ALLOWED[short] ?? []).includes(name))).toEqual([]);
  });

  test("relative imports stay inside the package; tests may reach other packages' testing/ folders", () => {
    const wrong = sources.flatMap((path) =>
      importsOf(path)
        .filter((name) => name.startsWith("."))
        .map((name) => resolveRelative(path, name))
        .filter(
          (target) =>
            !target.startsWith(`${folder}/`) && !(isTestSource(path) && target.includes("/testing/")),
        )
        .map((target) => `${path} → ${target}`),
    );
    expect(wrong).toEqual([]);
  });

  test("what ships imports nothing of tests, and every relative import exists", () => {
    const wrong = shipped.flatMap((path) =>
      importsOf(path)
        .filter((name) => name.startsWith("."))
        .map((name) => resolveRelative(path, name))
        .filter((target) => isTestSource(target) || !existsSync(`${root}/${target}`))
        .map((target) => `${path} → ${target}`),
    );
    expect(wrong).toEqual([]);
  });

  test("what ships imports only declared dependencies", () => {
    const declared = new Set(Object.keys({ ...manifest.dependencies, ...manifest.peerDependencies }));
    const wrong = shipped.flatMap((path) =>
      importsOf(path)
        .filter((name) => !name.startsWith(".") && !isBuiltin(name) && !declared.has(packageOf(name)))
        .map((name) => `${path} → ${name}`),
    );
    expect(wrong).toEqual([]);
  });

  test("Node's own modules are named with node:", () => {
    const wrong = sources.flatMap((path) =>
      importsOf(path)
        .filter((name) => isBuiltin(name) && !name.startsWith("node:"))
        .map((name) => `${path} → ${name}`),
    );
    expect(wrong).toEqual([]);
  });
});

test.each(packages.flatMap((found) => entryNames(found).map((name) => ({ name, found }))))(
  "$name names no MCP SDK but its own",
  ({ name, found }) => {
    const entry = relative(root, entrySource(found, name));
    const sdks = [...reachableFrom(entry).bare].filter((bare) => bare.startsWith("@modelcontextprotocol/"));
    expect(sdks.filter((sdk) => !SDK_ENTRIES[name]?.includes(packageOf(sdk)))).toEqual([]);
  },
);
