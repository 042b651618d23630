import * as z from "zod";
import { eventName, type FixtureTool, tool } from "./tool";

const input = z.strictObject({ name: eventName });

/** The tools by which the draft conformance suite asks for what no request of the protocol can ask for. */
export const CONFORMANCE_CONTROLS: readonly FixtureTool[] = [
  tool({
    name: "events_conformance_yield_error",
    title: "Fail once",
    description: "The upstream of a check-backed event type fails once.",
    input,
    async run({ types, controls }, { name }) {
      if (types.type(name).source !== "check") throw new Error(`${name} has no upstream that could fail`);
      controls.failUpstream(name, 1);
      return { name };
    },
  }),
  tool({
    name: "events_conformance_yield_gap",
    title: "Make a gap",
    description: "Events of an event type that were not read yet are lost.",
    input,
    async run({ types, events }, { name }) {
      await (await events.log(types.type(name).log)).truncate();
      return { name };
    },
  }),
  tool({
    name: "events_conformance_terminate",
    title: "Terminate",
    description: "Ends every subscription to an event type, for good.",
    input,
    async run({ types }, { name }) {
      await types.remove(name);
      return { name };
    },
  }),
];
