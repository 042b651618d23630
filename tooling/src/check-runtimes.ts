import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { installApplication, installRuntimes } from "./runtimes/install";
import { runtimesTable } from "./runtimes/table";
import { tryAll } from "./runtimes/try";

// Packs every public package, installs the tarballs once, and runs the same programs on Node, Deno, Bun and workerd,
// which come from the npm registry. Packages have to be built. Exits 1 when a program does not go as the printed table
// (that of docs/runtimes.md) says.

const folder = await mkdtemp(join(tmpdir(), "check-runtimes-"));
try {
  const [modules, application] = await Promise.all([installRuntimes(folder), installApplication(folder)]);
  const problems = await tryAll(application, modules);
  console.log(`${runtimesTable()}${problems.length} problems`);
  for (const problem of problems) console.error(`- ${problem}`);
  process.exitCode = problems.length > 0 ? 1 : 0;
} finally {
  await rm(folder, { recursive: true, force: true });
}
