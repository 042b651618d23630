/** How often a child of a package manager looks whether its parent is still there, in milliseconds. */
const PARENT_CHECK_MS = 500;

/** Calls `fn` when the process is asked to end. */
export function onSignal(fn: () => void): void {
  process.once("SIGTERM", fn);
  process.once("SIGINT", fn);
  process.once("SIGHUP", fn);
}

/**
 * Calls `fn` when the package manager that runs this process is gone: one that is killed takes nobody along, and the
 * server would listen for ever. A process that was started directly never gets the call.
 */
export function onOrphaned(fn: () => void): void {
  if (process.env.npm_lifecycle_event === undefined) return;
  const parent = process.ppid;
  const timer = setInterval(() => {
    if (process.ppid === parent) return;
    clearInterval(timer);
    fn();
  }, PARENT_CHECK_MS);
  timer.unref();
}
