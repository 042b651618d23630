import { join } from "node:path";
import ts from "typescript";
import { entryNames, entrySource, root, workspacePackages } from "../workspace";

/** Every name that can be imported, one a line, as `entry: name` or `entry: type name`. */
export function exportLines(): string {
  const { config } = ts.readConfigFile(join(root, "tsconfig.json"), ts.sys.readFile);
  const { options } = ts.parseJsonConfigFileContent(
    { ...config, include: [], files: ["x.ts"] },
    ts.sys,
    root,
  );
  const entries = workspacePackages().flatMap((found) =>
    entryNames(found).map((name) => ({ name, source: entrySource(found, name) })),
  );
  const sources = entries.map(({ source }) => source);
  const program = ts.createProgram(sources, options);
  const checker = program.getTypeChecker();
  const lines = entries.flatMap(({ name, source }) =>
    exportsOf(checker, program.getSourceFile(source)).map((exported) => `${name}: ${exported}`),
  );
  return `${lines.join("\n")}\n`;
}

/** The names a module exports, types marked as such; values first. */
function exportsOf(checker: ts.TypeChecker, source: ts.SourceFile | undefined): string[] {
  const module = source && checker.getSymbolAtLocation(source);
  const symbols = module === undefined ? [] : checker.getExportsOfModule(module);
  const names = (type: boolean) =>
    symbols.filter((symbol) => isType(checker, symbol) === type).map(({ name }) => name);
  return [
    ...names(false).sort(),
    ...names(true)
      .sort()
      .map((name) => `type ${name}`),
  ];
}

function isType(checker: ts.TypeChecker, symbol: ts.Symbol): boolean {
  const isAlias = (symbol.flags & ts.SymbolFlags.Alias) !== 0;
  const { flags } = isAlias ? checker.getAliasedSymbol(symbol) : symbol;
  return (flags & ts.SymbolFlags.Value) === 0 || isTypeOnly(symbol);
}

function isTypeOnly(symbol: ts.Symbol): boolean {
  return (
    symbol.declarations?.some(
      (at) => ts.isExportSpecifier(at) && (at.isTypeOnly || at.parent.parent.isTypeOnly),
    ) ?? false
  );
}
