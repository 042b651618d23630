import * as z from "zod";
import { eventName, tool } from "./tool";

const input = z.strictObject({
  principal: z
    .string()
    .min(1)
    .max(200)
    .nullable()
    .describe('Whom it concerns: alice, bob, any name, or "anonymous" (also null).'),
  name: eventName,
});

function principalOf(name: string | null): string | null {
  return name === "anonymous" ? null : name;
}

/** Takes an event type away from a principal. */
export const revoke = tool({
  name: "revoke",
  title: "Revoke access",
  description: "Shuts a principal out of an event type: living subscriptions end, new ones are refused.",
  input,
  async run({ types, controls, events }, { principal, name }) {
    types.type(name);
    const changed = controls.revoke(principalOf(principal), name);
    await events.reauthorize();
    return { principal, name, revoked: true, changed };
  },
});

/** Undoes {@link revoke}. */
export const restore = tool({
  name: "restore",
  title: "Restore access",
  description: "Lets a principal subscribe to an event type again.",
  input,
  async run({ types, controls }, { principal, name }) {
    types.type(name);
    return { principal, name, revoked: false, changed: controls.restore(principalOf(principal), name) };
  },
});
