import { same } from "./same.js";

const COUNT = 20;

/**
 * Follows `tick` in push and in poll mode at once, then emits, and checks that both got every event in order.
 *
 * @param client - an event client
 * @param start - makes the server emit that many ticks, counted from 1
 */
export async function pushAndPoll(client, start) {
  await follow(client, ["push", "poll"], start);
}

/** The same for any modes. */
export async function follow(client, modes, start) {
  const subscriptions = [];
  for (const delivery of modes)
    subscriptions.push(await client.subscribe("tick", {}, { id: delivery, delivery }));
  const reading = subscriptions.map(read);
  await start(COUNT);
  const expected = Array.from({ length: COUNT }, (_, index) => index + 1);
  for (const [index, got] of (await Promise.all(reading)).entries()) {
    same([modes[index], got], [modes[index], expected]);
  }
}

async function read(subscription) {
  const got = [];
  for await (const item of subscription) {
    got.push(item.kind === "event" ? item.data.n : `gap: ${item.reason}`);
    if (got.length === COUNT) return got;
  }
  return got;
}
