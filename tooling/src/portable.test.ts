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

/** What a receiver may find there, too. */
const GLOBALS = [...WEB_GLOBALS, "Headers", "ReadableStream", "Request", "Response"] as const;

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

/** Bundles a file for the browser with nothing left outside; fails on every module that is not there. */
async function bundle(path: string): Promise<string> {
  const result = await build({
    entryPoints: [path],
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

/**
 * A global as browsers and Workers have it: a function of the global scope refuses to be called as the method of
 * another object ("Illegal invocation"), where Node's does not care.
 */
function strict(key: (typeof GLOBALS)[number]): unknown {
  const value: unknown = globalThis[key];
  if (typeof value !== "function" || /^[A-Z]/.test(key)) return value;
  return function (this: unknown, ...args: unknown[]) {
    if (this !== undefined) throw new TypeError(`Illegal invocation of ${key}`);
    return value(...args);
  };
}

/** A global scope with nothing of Node. */
function webContext(keys: readonly (typeof GLOBALS)[number][]) {
  return createContext(Object.fromEntries(keys.map((key) => [key, strict(key)])));
}

describe.each(PORTABLE)("%s", (name) => {
  test("bundles for the browser and loads where there is nothing of Node", async () => {
    const context = webContext(WEB_GLOBALS);
    runInContext(await bundle(sources.get(name) ?? name), context);
    expect(runInContext("Object.keys(entry).length", context)).toBeGreaterThan(0);
  });
});

test("a receiver verifies, orders and answers where there are web globals and nothing else", async () => {
  const context = webContext(GLOBALS);
  runInContext(await bundle(join(root, "tooling/src/runtimes/programs/webhook-receive.js")), context);
  await expect(runInContext("entry.run()", context)).resolves.toBe("note-1, note-2");
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
