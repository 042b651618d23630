import { type Bench, perSecond } from "../harness";
import { ARGUMENT_SETS, callbacks, promises } from "../ordering/fan-out";
import { Subscribers } from "./subscribers";

const TEXT = "x".repeat(300);

/** Emits one by one through the event server; every subscription's channel gets its own message. */
async function server(subscriptions: number, emits: number): Promise<number> {
  const subscribers = new Subscribers();
  await subscribers.open(subscriptions, ARGUMENT_SETS);
  const startedAt = performance.now();
  for (let emit = 1; emit <= emits; emit += 1) {
    await subscribers.handle.emit({ id: emit, text: TEXT });
    await subscribers.until(emit * subscriptions);
  }
  const figure = perSecond(subscribers.delivered, startedAt);
  const { evaluated } = subscribers;
  await subscribers.close();
  if (evaluated !== emits * Math.min(ARGUMENT_SETS, subscriptions))
    throw new Error(`${evaluated} evaluations`);
  return figure;
}

const DELIVERIES = 100_000;

/** One emit to 1,000 push subscriptions, with everything that the event server does. */
export const serverFanOut: Bench = {
  name: "fan-out through the event server: 1 emit to 1,000 push subscriptions of 10 argument sets",
  unit: "deliveries/s",
  note: "each delivery is a message with a cursor and a place of its own; match is evaluated 10 times an emit (checked)",
  variants: {
    callbacks: () => callbacks(1000, DELIVERIES / 1000),
    "promise loops": () => promises(1000, DELIVERIES / 1000),
    "event server": () => server(1000, DELIVERIES / 1000),
  },
};

const SUBSCRIPTIONS = [1, 10, 100, 1_000, 10_000];

/** How the cost of a delivery grows with the number of push subscriptions. */
export const serverFanOutGrowth: Bench = {
  name: "fan-out through the event server: growth with the number of subscriptions, 10 argument sets",
  unit: "deliveries/s",
  note: "linear in deliveries when the ratio does not fall",
  growth: { of: "subscriptions", at: SUBSCRIPTIONS },
  variants: Object.fromEntries(
    SUBSCRIPTIONS.map((count) => [
      `${count} subscriptions`,
      () => server(count, Math.min(10_000, DELIVERIES / count)),
    ]),
  ),
};
