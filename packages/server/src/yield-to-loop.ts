let turn: Promise<void> | undefined;

/** Resolves after pending I/O had its turn, which promises alone never give it; one turn for all who ask before it. */
export function yieldToLoop(): Promise<void> {
  turn ??= new Promise((resolve) => {
    setImmediate(() => {
      turn = undefined;
      resolve();
    });
  });
  return turn;
}
