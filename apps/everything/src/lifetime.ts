import { isAlive, packageManagers } from "./ancestors";

/** How often a child of a package manager looks whether it is still there, in milliseconds. */
const CHECK_MS = 250;

/** Calls `fn` when the process is asked to end. */
export function onSignal(fn: () => void): void {
  process.once("SIGTERM", fn);
  process.once("SIGINT", fn);
  process.once("SIGHUP", fn);
}

/**
 * Calls `fn` when a package manager that started this process is gone: `npx` and `pnpm` pass no signal on, and the
 * server would listen for ever. A process that was started directly never gets the call.
 */
export function onOrphaned(fn: () => void): void {
  if (process.env.npm_lifecycle_event === undefined) return;
  const managers = packageManagers();
  const timer = setInterval(() => {
    if (managers.every(isAlive)) return;
    clearInterval(timer);
    fn();
  }, CHECK_MS);
  timer.unref();
}
