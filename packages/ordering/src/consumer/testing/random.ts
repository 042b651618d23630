/** A small seeded generator, so that a schedule is replayed from its seed. */
export function randomOf(seed: number): () => number {
  let state = seed | 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

/** Actions with weights; one of them is done at each step. */
export type Action = readonly [act: () => void, weight: number];

/** Does one action by weight; false when there is none. */
export function act(random: () => number, actions: readonly Action[]): boolean {
  const total = actions.reduce((sum, [, weight]) => sum + weight, 0);
  if (total <= 0) return false;
  let left = random() * total;
  for (const [run, weight] of actions) {
    left -= weight;
    if (left >= 0) continue;
    run();
    return true;
  }
  return true;
}
