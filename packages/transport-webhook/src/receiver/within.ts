import type { Clock } from "@mcp-events/protocol";

/** Stands for work that took too long. */
export const TOO_LATE = Symbol("too late");

/** The work's result, or {@link TOO_LATE} when it is not there at `due` (milliseconds); the work itself goes on. */
export function within<T>(clock: Clock, due: number, work: Promise<T>): Promise<T | typeof TOO_LATE> {
  return new Promise((resolve, reject) => {
    const cancel = clock.after(due - clock.now(), () => resolve(TOO_LATE));
    work.then(resolve, reject).finally(cancel);
  });
}
