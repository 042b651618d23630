import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { installApplication, installRuntimes } from "./runtimes/install";
import { runtimesTable } from "./runtimes/table";
import { tryAll } from "./runtimes/try";
import { root } from "./workspace";

// Packs every public package, installs the tarballs once, and runs the same programs on Node, Deno, Bun and workerd,
// which come from the npm registry. Packages have to be built. Exits 1 when a program does not go as
// docs/runtimes.md says.

const DOCUMENT = "docs/runtimes.md";

async function check(folder: string): Promise<string[]> {
  const [modules, application] = await Promise.all([installRuntimes(folder), installApplication(folder)]);
  const outcomes = await tryAll(application, modules);
  const table = runtimesTable(outcomes);
  console.log(table);
  const problems = outcomes.flatMap(({ runtime, program, problem }) =>
    problem === undefined ? [] : [`${runtime}, ${program}: ${problem}`],
  );
  const documented = (await readFile(join(root, DOCUMENT), "utf8")).includes(table);
  return documented ? problems : [...problems, `${DOCUMENT} does not have the table above`];
}

const folder = await mkdtemp(join(tmpdir(), "check-runtimes-"));
try {
  const problems = await check(folder);
  for (const problem of problems) console.error(`- ${problem}`);
  process.exitCode = problems.length > 0 ? 1 : 0;
} finally {
  await rm(folder, { recursive: true, force: true });
}
