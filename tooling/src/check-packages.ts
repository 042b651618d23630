import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { CONSUMERS, consumerProblems } from "./publish/consumers";
import { contentProblems } from "./publish/contents";
import { exampleProblems } from "./publish/examples";
import { attwProblems, publintProblems } from "./publish/lint";
import { type Packed, packAll } from "./publish/pack";
import { programProblems } from "./publish/programs";
import { entryNames, isProgram } from "./workspace";

// Packs every public package and looks at the tarballs the way a registry, a linter and an application would;
// then tests the examples on them.
// Packages have to be built. Exits 1 and lists every finding when there is one.

async function check(folder: string): Promise<string[]> {
  const packed = await packAll(folder);
  const programs = packed.filter(({ source }) => isProgram(source));
  const libraries = packed.filter(({ source }) => !isProgram(source));
  const found = await Promise.all([
    tarballProblems(packed),
    ...CONSUMERS.map((consumer) => consumerProblems(consumer, libraries, folder)),
    ...programs.map((program) => programProblems(program, libraries, folder)),
  ]);
  const problems = [...found.flat(), ...(await exampleProblems(packed, folder))];
  const entries = packed.flatMap(({ source }) => entryNames(source));
  const counts = `${packed.length} packages, ${entries.length} entries, ${CONSUMERS.length} consumers`;
  console.log(`${counts}: ${problems.length} problems`);
  return problems;
}

async function tarballProblems(packed: readonly Packed[]): Promise<string[]> {
  const problems: string[] = [];
  for (const one of packed) {
    const found = [
      ...(await contentProblems(one)),
      ...(await publintProblems(one)),
      ...(await attwProblems(one)),
    ];
    problems.push(...found.map((problem) => `${one.name}: ${problem}`));
  }
  return problems;
}

const folder = await mkdtemp(join(tmpdir(), "check-packages-"));
try {
  const problems = await check(folder);
  for (const problem of problems) console.error(`- ${problem}`);
  process.exitCode = problems.length > 0 ? 1 : 0;
} finally {
  await rm(folder, { recursive: true, force: true });
}
