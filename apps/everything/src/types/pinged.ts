import { type DeliveryMode, defineEvent } from "@mcp-events/protocol";
import { type FixtureType, MAIN_LOG } from "./fixture-type";
import { noArguments, openPayload } from "./open-payload";

/** The log of the event type without replay; its numbers tell nothing of the other types. */
const NO_REPLAY_LOG = "noreplay";

interface Ping {
  readonly name: string;
  readonly description: string;
  readonly delivery: readonly DeliveryMode[];
  readonly replay: boolean;
}

function pinged({ name, description, delivery, replay }: Ping): FixtureType {
  const definition = defineEvent(name, { description, inputSchema: noArguments, payloadSchema: openPayload });
  const log = replay ? MAIN_LOG : NO_REPLAY_LOG;
  return {
    definition,
    source: "emit",
    log,
    number: "n",
    register: ({ events, controls }) =>
      events.register(definition, {
        log,
        replay,
        delivery: [...delivery],
        authorize: ({ principal }, event) => controls.allows(principal, event),
      }),
  };
}

/** Cursor always `null`: what was missed is gone. */
export const noreplayPinged = pinged({
  name: "noreplay.pinged",
  description: "Somebody pinged. Not kept: the cursor is always null, and a client that was away missed it.",
  delivery: ["push", "poll", "webhook"],
  replay: false,
});

/** Refuses `events/stream`. */
export const pollonlyPinged = pinged({
  name: "pollonly.pinged",
  description: "Somebody pinged; told to those who poll.",
  delivery: ["poll"],
  replay: true,
});

/** Offered by webhook alone: what ChatGPT and the AI SDK speak. */
export const hookonlyPinged = pinged({
  name: "hookonly.pinged",
  description: "Somebody pinged; told to those who gave a callback URL.",
  delivery: ["webhook"],
  replay: true,
});

/** Refuses `events/poll`. */
export const pushonlyPinged = pinged({
  name: "pushonly.pinged",
  description: "Somebody pinged; told to those who keep a stream open.",
  delivery: ["push"],
  replay: true,
});
