import { readFile } from "node:fs/promises";
import { isBuiltin } from "node:module";
import { join } from "node:path";
import ts from "typescript";
import { packageOf } from "../imports";
import type { Packed } from "./pack";

const EXPECTED = /^(dist\/[\w./-]+\.(js|js\.map|d\.ts)|README\.md|CHANGELOG\.md|LICENSE|package\.json)$/;
const REQUIRED = ["README.md", "LICENSE", "package.json"];

/** What is wrong with the contents of a tarball, one line a finding. */
export async function contentProblems(packed: Packed): Promise<string[]> {
  const { files, manifest } = packed;
  const unexpected = files.filter(
    (file) => !EXPECTED.test(file) || file.includes(".test.") || file.includes("/testing/"),
  );
  const missing = REQUIRED.filter((file) => !files.includes(file));
  const unresolved = Object.entries(manifest.dependencies ?? {}).filter(([, range]) => range.includes(":"));
  return [
    ...unexpected.map((file) => `packs ${file}`),
    ...missing.map((file) => `packs no ${file}`),
    ...unresolved.map(([name, range]) => `depends on ${name} by ${range}`),
    ...(
      await Promise.all(
        files.filter((file) => /\.(js|d\.ts)$/.test(file)).map((file) => codeProblems(packed, file)),
      )
    ).flat(),
    ...(
      await Promise.all(
        files.filter((file) => file.endsWith(".map")).map((file) => mapProblems(packed, file)),
      )
    ).flat(),
  ];
}

/** Every module that shipped code or types name is a dependency, and every source map that is named is there. */
async function codeProblems({ dir, files, manifest }: Packed, file: string): Promise<string[]> {
  const text = await readFile(join(dir, file), "utf8");
  const declared = new Set(Object.keys({ ...manifest.dependencies, ...manifest.peerDependencies }));
  const undeclared = ts
    .preProcessFile(text, true, true)
    .importedFiles.map(({ fileName }) => fileName)
    .filter((name) => !name.startsWith(".") && !isBuiltin(name) && !declared.has(packageOf(name)));
  const map = /\/\/# sourceMappingURL=(.*)$/m.exec(text)?.[1];
  const mapMissing = map !== undefined && !files.includes(`dist/${map}`);
  return [
    ...undeclared.map((name) => `${file} imports ${name}, which is not a dependency`),
    ...(mapMissing ? [`${file} names the missing source map ${map}`] : []),
  ];
}

/** The sources do not ship, so each map has to carry them. */
async function mapProblems({ dir }: Packed, file: string): Promise<string[]> {
  const map = JSON.parse(await readFile(join(dir, file), "utf8")) as {
    sources: string[];
    sourcesContent?: (string | null)[];
  };
  const bare = map.sources.filter((_, index) => typeof map.sourcesContent?.[index] !== "string");
  return bare.map((source) => `${file} points to ${source}, which does not ship`);
}
