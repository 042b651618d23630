import { readdir, stat } from "node:fs/promises";
import { join, relative, sep } from "node:path";

/** Most files looked at. */
const MAX_FILES = 20_000;

/** What is known of a file. */
export interface FileState {
  readonly size: number;
  readonly modifiedAt: number;
}

/** The files below a directory, by path relative to it with forward slashes. */
export type Snapshot = ReadonlyMap<string, FileState>;

/** One difference between two snapshots. */
export interface FileChange {
  readonly path: string;
  readonly kind: "created" | "changed" | "removed";
  /** The state after the change; before it for a removal. */
  readonly state: FileState;
}

/** Looks at every file below `directory`; files that vanish meanwhile are left out, symbolic links are not followed. */
export async function takeSnapshot(directory: string): Promise<Snapshot> {
  const files = new Map<string, FileState>();
  const entries = await readdir(directory, { recursive: true, withFileTypes: true }).catch(() => []);
  for (const entry of entries.filter((candidate) => candidate.isFile()).slice(0, MAX_FILES)) {
    const file = join(entry.parentPath, entry.name);
    const found = await stat(file).catch(() => undefined);
    if (found === undefined) continue;
    files.set(relative(directory, file).split(sep).join("/"), {
      size: found.size,
      modifiedAt: found.mtimeMs,
    });
  }
  return files;
}

/** What changed from `before` to `after`, in the order of the changes' times. */
export function changesBetween(before: Snapshot, after: Snapshot): FileChange[] {
  const removed = [...before]
    .filter(([path]) => !after.has(path))
    .map(([path, state]): FileChange => ({ path, kind: "removed", state }));
  const touched = [...after].flatMap(([path, state]): FileChange[] => {
    const known = before.get(path);
    if (known === undefined) return [{ path, kind: "created", state }];
    const same = known.size === state.size && known.modifiedAt === state.modifiedAt;
    return same ? [] : [{ path, kind: "changed", state }];
  });
  return [...removed, ...touched.sort((a, b) => a.state.modifiedAt - b.state.modifiedAt)];
}
