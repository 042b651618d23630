import * as z from "zod";
import { eventName, tool } from "./tool";

/** Lets an upstream fail for a while. */
export const failUpstream = tool({
  name: "fail_upstream",
  title: "Fail an upstream",
  description: "The next checks of a check-backed type's upstream fail; 0 mends it at once.",
  input: z.strictObject({
    name: eventName,
    times: z.int().min(0).max(1_000_000).describe("How many checks fail."),
  }),
  async run({ types, controls }, { name, times }) {
    if (types.type(name).source !== "check") {
      const backed = types.list().filter((type) => type.source === "check");
      throw new Error(
        `${name} has no upstream; these have one: ${backed.map((type) => type.name).join(", ")}`,
      );
    }
    controls.failUpstream(name, times);
    return { name, times };
  },
});

/** Forgets the past of a log. */
export const truncate = tool({
  name: "truncate",
  title: "Truncate a log",
  description:
    "Retention drops everything emitted so far from the log of the event type, and so of every type on that log.",
  input: z.strictObject({ name: eventName }),
  async run({ types, events }, { name }) {
    const { log } = types.type(name);
    await (await events.log(log)).truncate();
    return { name, log };
  },
});
