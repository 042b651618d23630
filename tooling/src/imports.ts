import { existsSync, readFileSync } from "node:fs";
import { dirname, join, relative, sep } from "node:path";
import ts from "typescript";
import { filesBelow, root } from "./workspace";

/** Whether a source stays at home: tests, and the helpers in `testing/` folders that only tests use. */
export function isTestSource(path: string): boolean {
  return path.endsWith(".test.ts") || path.includes("/testing/") || path.includes("/test/");
}

/** Every module specifier a source names: imports, type imports, re-exports, `import()` and `require()`. */
export function importsOf(path: string): string[] {
  const info = ts.preProcessFile(readFileSync(join(root, path), "utf8"), true, true);
  return info.importedFiles.map(({ fileName }) => fileName);
}

/** The TypeScript sources of one package, tests included. */
export function sourcesOf(folder: string): string[] {
  return existsSync(join(root, folder))
    ? filesBelow(folder, ".ts").filter((path) => !path.endsWith(".d.ts"))
    : [];
}

/** The file (relative to the root) that a relative specifier means. */
export function resolveRelative(from: string, specifier: string): string {
  const base = join(root, dirname(from), specifier);
  const found = [`${base}.ts`, join(base, "index.ts"), base].find(
    (path) => existsSync(path) && path.endsWith(".ts"),
  );
  return relative(root, found ?? base)
    .split(sep)
    .join("/");
}

/** The package part of a bare specifier: `@scope/name/entry` → `@scope/name`. */
export function packageOf(specifier: string): string {
  return specifier
    .split("/")
    .slice(0, specifier.startsWith("@") ? 2 : 1)
    .join("/");
}

/** What a source reaches over relative imports: the sources, and every bare specifier they name. */
export function reachableFrom(entry: string): { sources: Set<string>; bare: Set<string> } {
  const sources = new Set<string>();
  const bare = new Set<string>();
  const pending = [entry];
  for (let path = pending.pop(); path !== undefined; path = pending.pop()) {
    if (sources.has(path)) continue;
    sources.add(path);
    for (const specifier of importsOf(path)) {
      if (specifier.startsWith(".")) pending.push(resolveRelative(path, specifier));
      else bare.add(specifier);
    }
  }
  return { sources, bare };
}
