import { join } from "node:path";
import { createContext, runInContext } from "node:vm";
import { build, type Plugin } from "esbuild";
import ts from "typescript";
import { describe, expect, test } from "vitest";
import { entryNames, entrySource, root, workspacePackages } from "./workspace";

/** The entries that run anywhere: browsers, edge workers, other runtimes. */
const PORTABLE = [
  "@mcp-events/protocol",
  "@mcp-events/ordering",
  "@mcp-events/client",
  "@mcp-events/tasks/client",
  "@mcp-events/transport-webhook",
];

/** What such an entry may find in the global scope beside the language itself. */
const WEB_GLOBALS = [
  "AbortController",
  "AbortSignal",
  "DOMException",
  "Event",
  "EventTarget",
  "TextDecoder",
  "TextEncoder",
  "URL",
  "atob",
  "btoa",
  "clearTimeout",
  "crypto",
  "performance",
  "queueMicrotask",
  "setTimeout",
  "structuredClone",
] as const;

const sources = new Map(
  workspacePackages().flatMap((found) =>
    entryNames(found).map((name) => [name, entrySource(found, name)] as const),
  ),
);

const workspaceSources: Plugin = {
  name: "workspace-sources",
  setup({ onResolve }) {
    onResolve({ filter: /^@mcp-events\// }, ({ path }) => {
      const source = sources.get(path);
      return source === undefined ? { errors: [{ text: `no such entry: ${path}` }] } : { path: source };
    });
  },
};

/** Bundles an entry for the browser with nothing left outside; fails on every module that is not there. */
async function bundle(name: string): Promise<string> {
  const result = await build({
    entryPoints: [sources.get(name) ?? name],
    bundle: true,
    write: false,
    platform: "browser",
    format: "iife",
    globalName: "entry",
    target: "es2023",
    logLevel: "silent",
    plugins: [workspaceSources],
  });
  expect(result.warnings).toEqual([]);
  return result.outputFiles[0]?.text ?? "";
}

describe.each(PORTABLE)("%s", (name) => {
  test("bundles for the browser and loads where there is nothing of Node", async () => {
    const globals = Object.fromEntries(WEB_GLOBALS.map((key) => [key, globalThis[key]]));
    const context = createContext(globals);
    runInContext(await bundle(name), context);
    expect(runInContext("Object.keys(entry).length", context)).toBeGreaterThan(0);
  });
});

test("the portable entries compile without Node's types: no node: import, Buffer, process or setImmediate", {
  timeout: 60_000,
}, () => {
  const { config } = ts.readConfigFile(join(root, "tsconfig.json"), ts.sys.readFile);
  const parsed = ts.parseJsonConfigFileContent(
    { ...config, include: [], files: ["tsconfig.json"] },
    ts.sys,
    root,
  );
  const entries = PORTABLE.map((name) => sources.get(name) ?? name);
  const program = ts.createProgram(entries, { ...parsed.options, types: [] });
  const problems = ts.getPreEmitDiagnostics(program).map(({ file, messageText }) => {
    return `${file?.fileName ?? ""}: ${ts.flattenDiagnosticMessageText(messageText, "\n")}`;
  });
  expect(problems).toEqual([]);
});
