import { posix } from "node:path";
import { urlsOf } from "../docs/links";
import type { Requirement, Requirements } from "./requirement";
import { idsIn } from "./titles";

/** What the row of a guarantee that is not built, or not all of it, has to say. */
const PENDING = "to come";

/** A test by its title, and the file that it stands in. */
interface TitledTest {
  title: string;
  file: string;
}

/**
 * Compares the table of guarantees in a document with the manifest and the tests: each guarantee has a row; a row of one
 * that is built links tests that name it in a title; a row says "to come" where something is.
 *
 * @param path - The document's place, from which its links are read.
 * @returns what does not fit, one line each.
 */
export function tableProblems(
  markdown: string,
  path: string,
  guarantees: Requirements,
  tests: readonly TitledTest[],
): string[] {
  const rows = new Map(
    [...markdown.matchAll(/^\| (ORD-\d+) \|.*$/gm)].map(([row, id = ""]) => [id, row] as const),
  );
  const unknown = [...rows.keys()].filter((id) => guarantees[id] === undefined);
  return [
    ...unknown.map((id) => `${id}: is not in the manifest`),
    ...Object.entries(guarantees).flatMap(([id, guarantee]) => {
      const row = rows.get(id);
      return row === undefined
        ? [`${id}: has no row`]
        : rowProblems(id, guarantee, row, linkedFiles(row, path), tests);
    }),
  ];
}

function rowProblems(
  id: string,
  { status }: Requirement,
  row: string,
  files: readonly string[],
  tests: readonly TitledTest[],
): string[] {
  const named = new Set(tests.filter(({ title }) => idsIn(title).includes(id)).map(({ file }) => file));
  const problems = files
    .filter((file) => !named.has(file))
    .map((file) => `${id}: no title in ${file} names it`);
  const isLater = typeof status === "object" && "later" in status;
  if (files.length === 0 && !isLater) problems.push(`${id}: links no test`);
  if (row.includes(PENDING) !== (status !== "held")) {
    problems.push(`${id}: ${status === "held" ? "is built" : `does not say "${PENDING}"`}`);
  }
  return problems;
}

function linkedFiles(row: string, path: string): string[] {
  return urlsOf(row)
    .filter((url) => url.endsWith(".test.ts"))
    .map((url) => posix.join(posix.dirname(path), url));
}
