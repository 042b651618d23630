import { join } from "node:path";
import {
  Application,
  Converter,
  type DeclarationReflection,
  ReflectionKind,
  type TypeDocOptions,
} from "typedoc";
import type { PluginOptions } from "typedoc-plugin-markdown";
import { entryNames, entrySource, root, workspacePackages } from "../../tooling/src/workspace";

const names = new Map(
  workspacePackages().flatMap((found) => entryNames(found).map((name) => [entrySource(found, name), name])),
);

/**
 * Writes the API reference, a page for each entry of each package, from the TSDoc of the sources.
 *
 * @param out - folder to write into
 * @returns the import names of the entries, sorted.
 * @throws Error when a comment links to what is not there
 */
export async function writeReference(out: string): Promise<string[]> {
  const options: TypeDocOptions & Partial<PluginOptions> = {
    name: "API reference",
    plugin: ["typedoc-plugin-markdown"],
    out,
    entryPoints: [...names.keys()],
    tsconfig: join(root, "tsconfig.json"),
    basePath: root,
    skipErrorChecking: true, // the step "types" has checked them
    readme: "none",
    router: "module",
    excludeInternal: true,
    excludePrivate: true,
    excludeExternals: true,
    disableGit: true,
    gitRevision: "main",
    sourceLinkTemplate: "https://github.com/mcp-events/mcp-events/blob/main/packages/{path}#L{line}",
    validation: { invalidLink: true, notExported: false, notDocumented: false },
    entryFileName: "index",
    // The plugin counts headings otherwise than a Markdown renderer does, so it names them itself.
    useHTMLAnchors: true,
    anchorPrefix: "api-",
    hidePageHeader: true,
    hideBreadcrumbs: true,
    logLevel: "Warn",
  };
  const app = await Application.bootstrapWithPlugins(options as TypeDocOptions);
  app.converter.on(Converter.EVENT_CREATE_DECLARATION, (_context, reflection: DeclarationReflection) => {
    if (reflection.kind !== ReflectionKind.Module) return;
    reflection.name = names.get(reflection.sources?.[0]?.fullFileName ?? "") ?? reflection.name;
  });
  const project = await app.convert();
  if (project === undefined) throw new Error("the sources do not compile");
  app.validate(project);
  if (app.logger.hasErrors() || app.logger.hasWarnings()) throw new Error("the API reference has warnings");
  await app.generateOutputs(project);
  return [...names.values()].sort();
}
