import { join } from "node:path";
import ts from "typescript";
import { entryNames, entrySource, root, workspacePackages } from "../workspace";

/** What each public entry exports, by import name: values and types apart, sorted. */
export type Exports = Record<string, { values: string[]; types: string[] }>;

/** Reads the exports of every entry from its source. */
export function readExports(): Exports {
  const { config } = ts.readConfigFile(join(root, "tsconfig.json"), ts.sys.readFile);
  const { options } = ts.parseJsonConfigFileContent(
    { ...config, include: [], files: ["x.ts"] },
    ts.sys,
    root,
  );
  const entries = workspacePackages().flatMap((found) =>
    entryNames(found).map((name) => [name, entrySource(found, name)] as const),
  );
  const program = ts.createProgram(
    entries.map(([, source]) => source),
    options,
  );
  const checker = program.getTypeChecker();
  return Object.fromEntries(
    entries.map(([name, source]) => [name, exportsOf(checker, program.getSourceFile(source))]),
  );
}

function exportsOf(checker: ts.TypeChecker, source: ts.SourceFile | undefined): Exports[string] {
  const module = source && checker.getSymbolAtLocation(source);
  const found: Exports[string] = { values: [], types: [] };
  for (const symbol of module === undefined ? [] : checker.getExportsOfModule(module)) {
    const alias = (symbol.flags & ts.SymbolFlags.Alias) !== 0;
    const target = alias ? checker.getAliasedSymbol(symbol) : symbol;
    const isValue = (target.flags & ts.SymbolFlags.Value) !== 0 && !isTypeOnly(symbol);
    found[isValue ? "values" : "types"].push(symbol.name);
  }
  return { values: found.values.sort(), types: found.types.sort() };
}

function isTypeOnly(symbol: ts.Symbol): boolean {
  return (
    symbol.declarations?.some(
      (at) => ts.isExportSpecifier(at) && (at.isTypeOnly || at.parent.parent.isTypeOnly),
    ) ?? false
  );
}
