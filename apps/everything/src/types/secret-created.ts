import { defineEvent } from "@mcp-events/protocol";
import { type FixtureType, MAIN_LOG } from "./fixture-type";
import { noArguments, openPayload } from "./open-payload";

/** The one principal that may subscribe. */
const OWNER = "alice";

const definition = defineEvent("secret.created", {
  description: "A secret was made. Only alice may subscribe; everybody else is refused.",
  inputSchema: noArguments,
  payloadSchema: openPayload,
});

/** Authorisation: Forbidden for all but one principal. */
export const secretCreated: FixtureType = {
  definition,
  source: "emit",
  log: MAIN_LOG,
  number: "n",
  register: ({ events, controls }) =>
    events.register(definition, {
      log: MAIN_LOG,
      authorize: ({ principal }, name) => principal === OWNER && controls.allows(principal, name),
    }),
};
