/** A promise's value, or `undefined` as soon as `signal` aborts; what comes of the promise later concerns nobody. */
export function untilAborted<T>(signal: AbortSignal, promise: Promise<T>): Promise<T | undefined> {
  return new Promise((resolve, reject) => {
    const onAbort = () => resolve(undefined);
    const end = () => signal.removeEventListener("abort", onAbort);
    promise.then(resolve, reject).finally(end);
    if (signal.aborted) onAbort();
    else signal.addEventListener("abort", onAbort, { once: true });
  });
}
