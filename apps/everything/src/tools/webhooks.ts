import type { JsonObject } from "@mcp-events/protocol";
import * as z from "zod";
import { tool } from "./tool";

const subscriptionId = z.string().min(1).max(200).describe("The id that events/subscribe answered.");

/** Shows, replays and drops the events that webhook delivery gave up. */
export const deadLetters = tool({
  name: "dead_letters",
  title: "Dead letters",
  description:
    "Events that were given up for a webhook subscription, the oldest first. Without an action they are listed; replay sends " +
    "one again as a new event, drop forgets it.",
  input: z.strictObject({
    action: z.enum(["list", "replay", "drop"]).default("list"),
    id: z.string().min(1).max(400).optional().describe("Of the dead letter to replay or drop."),
    subscriptionId: subscriptionId.optional(),
    after: z.string().max(400).optional().describe("Last id of the page before."),
    limit: z.int().min(1).max(1_000).default(100),
  }),
  async run({ events }, { action, id, subscriptionId: of, after, limit }): Promise<JsonObject> {
    const { deadLetters: letters } = events.webhooks;
    if (action === "list") {
      const page = await letters.list({ subscriptionId: of, after, limit });
      return { count: page.length, deadLetters: page };
    }
    if (id === undefined) throw new Error(`${action} needs the id of a dead letter`);
    if (action === "drop") return { id, dropped: await letters.drop(id) };
    return { id, replayed: await letters.replay(id) };
  },
});

/** Suspends webhook delivery, as too many failures would. */
export const suspend = tool({
  name: "suspend",
  title: "Suspend webhook delivery",
  description:
    "Stops delivery to a webhook subscription until it is refreshed or resumed; nothing is lost by it.",
  input: z.strictObject({ id: subscriptionId }),
  async run({ events }, { id }) {
    if (!events.webhooks.suspend(id)) throw new Error(`there is no webhook subscription ${id}`);
    return { id, suspended: true };
  },
});

/** Undoes {@link suspend}. */
export const resume = tool({
  name: "resume",
  title: "Resume webhook delivery",
  description: "Lets delivery to a suspended webhook subscription go on.",
  input: z.strictObject({ id: subscriptionId }),
  async run({ events }, { id }) {
    if (!events.webhooks.resume(id)) throw new Error(`there is no webhook subscription ${id}`);
    return { id, suspended: false };
  },
});

/** Lists the living webhook subscriptions. */
export const webhooks = tool({
  name: "webhooks",
  title: "Webhook subscriptions",
  description: "The living webhook subscriptions: whose, where to, how far settled, how delivery fares.",
  input: z.strictObject({}),
  async run({ events }) {
    return { webhooks: events.webhooks.list() };
  },
});
