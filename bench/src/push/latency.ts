import { type Bench, quantile } from "../harness";
import { now } from "./event";
import { type PathName, Paths } from "./paths";

const PER_SECOND = 200;
const COUNT = 200;

/** Time from `emit` in one process to the iterator of another, at a rate far below what it can carry. */
export function latency(transport: "http" | "stdio"): Bench {
  const paths = new Paths(transport);
  const measure = (name: PathName) => async () => {
    const path = await paths.get(name);
    const took: number[] = [];
    await path.run({ count: COUNT, perSecond: PER_SECOND }, ({ sentAt }) => took.push(now() - sentAt));
    return { value: quantile(took, 0.5), also: { p99: quantile(took, 0.99) } };
  };
  return {
    name: `latency over ${transport === "http" ? "HTTP SSE" : "stdio"} at ${PER_SECOND} events/s`,
    unit: "ms (p50)",
    rounds: 3,
    note: "lower is better",
    variants: {
      raw: measure("raw"),
      "SDK v1 alone": measure("bare-v1"),
      "events, SDK v1": measure("engine-v1"),
      "SDK v2 alone": measure("bare-v2"),
      "events, SDK v2": measure("engine-v2"),
    },
    close: () => paths.close(),
  };
}
