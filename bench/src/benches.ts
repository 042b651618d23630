import type { Bench } from "./harness";
import { append } from "./ordering/append";
import { fanOut, fanOutGrowth } from "./ordering/fan-out";

/** All benches, by the name given on the command line. */
export const benches: Readonly<Record<string, Bench>> = {
  "fan-out": fanOut,
  "fan-out-growth": fanOutGrowth,
  append,
};
