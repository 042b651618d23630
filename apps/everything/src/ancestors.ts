import { readFileSync } from "node:fs";

/** One process, as /proc tells of it. */
interface ProcessEntry {
  readonly parent: number;
  readonly alive: boolean;
  /** Program and arguments, separated by spaces. */
  readonly commandLine: string;
}

/**
 * The ancestors of this process that are package managers (`npx`, `npm`, `pnpm`, `yarn`): one that is killed takes
 * nobody along. Where there is no /proc, the parent alone.
 */
export function packageManagers(): number[] {
  if (read(process.pid) === undefined) return [process.ppid];
  const found: number[] = [];
  for (let pid = process.ppid; pid > 1; ) {
    const entry = read(pid);
    if (entry === undefined) break;
    if (isPackageManager(entry.commandLine)) found.push(pid);
    pid = entry.parent;
  }
  return found;
}

/** Whether a process is there and not merely waiting for its parent to notice that it ended. */
export function isAlive(pid: number): boolean {
  const entry = read(pid);
  if (entry !== undefined) return entry.alive;
  return read(process.pid) === undefined && process.ppid === pid;
}

/** `npm exec …`, `node …/bin/pnpm.mjs …`; not a shell that has such a command in its arguments. */
export function isPackageManager(commandLine: string): boolean {
  return /^(\S*\/)?(node\S* \S*\/)?(npm|npx|pnpm|yarn)(-cli)?(\.[cm]?js)?( |$)/.test(commandLine);
}

function read(pid: number): ProcessEntry | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    const [state, parent] = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    const commandLine = readFileSync(`/proc/${pid}/cmdline`, "utf8").replaceAll("\0", " ");
    return { parent: Number(parent), alive: state !== "Z" && state !== "X", commandLine };
  } catch {
    return undefined;
  }
}
