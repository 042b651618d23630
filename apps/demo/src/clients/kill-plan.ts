import type { Random } from "../random";

/**
 * After how many handled events a client is killed: one draw in each of `kills` equal stretches of the run, so that no
 * two fall together and none at the very start or end.
 */
export function planKills(random: Random, kills: number, events: number): number[] {
  const stretch = (events * 0.9) / Math.max(kills, 1);
  return Array.from({ length: kills }, (_, index) =>
    Math.max(1, Math.floor(stretch * (index + 0.1 + 0.8 * random()))),
  );
}
