import { type Bench, perSecond } from "../harness";
import type { SdkLine } from "./client/sdk";
import { type PathName, Paths } from "./paths";

const COUNT = 30_000;

/** Events of one subscription from `emit` to the iterator, beside the same frames by the SDK alone and by neither. */
export function push(transport: "http" | "stdio", line: SdkLine): Bench {
  const paths = new Paths(transport);
  const measure = (name: PathName) => async () => {
    const path = await paths.get(name);
    const startedAt = performance.now();
    await path.run({ count: COUNT }, () => {});
    return perSecond(COUNT, startedAt);
  };
  const over = transport === "http" ? "HTTP SSE" : "stdio";
  return {
    name: `push over ${over}, SDK ${line}: one subscription, from another process`,
    unit: "events/s",
    note: "aim: events ÷ SDK at least 0.8",
    baselines: ["SDK alone", "raw"],
    variants: {
      "SDK alone": measure(`bare-${line}`),
      raw: measure("raw"),
      events: measure(`engine-${line}`),
    },
    close: () => paths.close(),
  };
}
