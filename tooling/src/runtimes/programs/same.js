/** Throws unless two values have the same JSON; for runtimes that have no `node:assert`. */
export function same(actual, expected) {
  const [found, wanted] = [actual, expected].map((value) => JSON.stringify(value));
  if (found !== wanted) throw new Error(`got ${found}, expected ${wanted}`);
}
