/** Resolves after pending I/O had its turn, which promises alone never give it. */
export function yieldToLoop(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve);
  });
}
