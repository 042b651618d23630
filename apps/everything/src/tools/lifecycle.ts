import * as z from "zod";
import { eventName, tool } from "./tool";

const named = z.strictObject({ name: eventName });

/** Removes an event type at run time. */
export const removeType = tool({
  name: "remove_type",
  title: "Remove an event type",
  description: "Removes an event type: its subscriptions end with NotFound, events/list no longer shows it.",
  input: named,
  async run({ types }, { name }) {
    await types.remove(name);
    return { name, registered: false };
  },
});

/** Undoes {@link removeType}. */
export const addType = tool({
  name: "add_type",
  title: "Add an event type",
  description: "Brings back an event type that remove_type took away, with its first schema.",
  input: named,
  async run({ types }, { name }) {
    types.add(name);
    return { name, registered: true };
  },
});

/** Changes the payload schema of an event type at run time. */
export const changeType = tool({
  name: "change_type",
  title: "Change an event type",
  description:
    "Changes the payload schema in place. Breaking: a number may be of a kind it never was, and subscriptions end " +
    "with Unsupported. Not breaking: one more optional property, and subscriptions go on.",
  input: z.strictObject({
    name: eventName,
    breaking: z.boolean().describe("Whether old readers would break."),
  }),
  async run({ types }, { name, breaking }) {
    return { name, breaking, payloadSchema: await types.change(name, breaking) };
  },
});
