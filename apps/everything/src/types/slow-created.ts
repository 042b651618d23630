import { setTimeout as sleep } from "node:timers/promises";
import { defineEvent } from "@mcp-events/protocol";
import { type FixtureType, MAIN_LOG, type TypeContext } from "./fixture-type";
import { noArguments, openPayload } from "./open-payload";

/** Longest delay of `match` and of `transform`, in milliseconds. */
const MAX_DELAY_MS = 20;

const definition = defineEvent("slow.created", {
  description:
    "Something slow was made. Filter and transformation take a random time for each event; " +
    "the order of delivery is that of the log all the same.",
  inputSchema: noArguments,
  payloadSchema: openPayload,
});

/** Asynchronous `match` and `transform`, each done after a random delay. */
export const slowCreated: FixtureType = {
  definition,
  source: "emit",
  log: MAIN_LOG,
  number: "n",
  register: ({ events, controls, random }) =>
    events.register(definition, {
      log: MAIN_LOG,
      async match() {
        await pause(random);
        return true;
      },
      async transform(payload) {
        await pause(random);
        return payload;
      },
      authorize: ({ principal }, name) => controls.allows(principal, name),
    }),
};

async function pause(random: TypeContext["random"]): Promise<void> {
  await sleep(Math.floor(random() * (MAX_DELAY_MS + 1)), undefined, { ref: false });
}
