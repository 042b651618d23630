/** The suite's own few assertions, so that it runs under any test framework. */
export function check(condition: boolean, message: string): asserts condition {
  if (!condition) throw new Error(message);
}

/** Compares two values as JSON. */
export function equal(actual: unknown, expected: unknown, what: string): void {
  const [a, b] = [JSON.stringify(actual), JSON.stringify(expected)];
  check(a === b, `${what}: expected ${shorten(b)}, got ${shorten(a)}`);
}

function shorten(text: string | undefined): string {
  return text === undefined || text.length <= 300 ? String(text) : `${text.slice(0, 300)}…`;
}

/** Longest wait for anything a case waits for, in milliseconds: a bound on hanging, never a measurement. */
const PATIENCE_MS = 10_000;

/** Resolves with the promise, or rejects naming what did not happen. */
export async function within<T>(promise: Promise<T>, what: string): Promise<T> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`did not happen: ${what}`)), PATIENCE_MS);
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}

/** Waits until a condition holds, looking again after each pause. */
export async function until(condition: () => boolean, what: string): Promise<void> {
  const end = Date.now() + PATIENCE_MS;
  while (!condition()) {
    check(Date.now() < end, `did not happen: ${what}`);
    await pause(5);
  }
}

/** Lets timers and sockets do what they have to do. */
export function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
