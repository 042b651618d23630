import type { Bench } from "./harness";
import { append } from "./ordering/append";
import { fanOut, fanOutGrowth } from "./ordering/fan-out";
import { latency } from "./push/latency";
import { push } from "./push/throughput";

/** All benches, by the name given on the command line. */
export const benches: Readonly<Record<string, Bench>> = {
  "push-http-v1": push("http", "v1"),
  "push-http-v2": push("http", "v2"),
  "push-stdio-v1": push("stdio", "v1"),
  "push-stdio-v2": push("stdio", "v2"),
  "latency-http": latency("http"),
  "latency-stdio": latency("stdio"),
  "fan-out": fanOut,
  "fan-out-growth": fanOutGrowth,
  append,
};
