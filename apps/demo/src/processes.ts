import { setTimeout as sleep } from "node:timers/promises";

/** Whether a process of this id exists. */
function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

/**
 * Waits for processes to end by themselves, and kills those that do not.
 *
 * @param graceMs - How long to wait, in milliseconds.
 */
export async function endProcesses(pids: readonly number[], graceMs: number): Promise<void> {
  const deadline = performance.now() + graceMs;
  let left = pids.filter(isAlive);
  while (left.length > 0 && performance.now() < deadline) {
    await sleep(20);
    left = left.filter(isAlive);
  }
  for (const pid of left) killProcess(pid);
}

/** Kills a process; one that is gone already is left alone. */
function killProcess(pid: number): void {
  try {
    process.kill(pid, "SIGKILL");
  } catch {
    // gone between the look and the kill
  }
}

/** Ctrl-C reaches every process of a terminal at once; this one leaves it to its parent to end the run in order. */
export function leaveInterruptsToParent(): void {
  for (const signal of ["SIGINT", "SIGHUP"] as const) process.on(signal, () => {});
}
