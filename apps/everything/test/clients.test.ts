import { merge, type Subscription, type SubscriptionEvent } from "@mcp-events/client";
import { describe, expect, it } from "vitest";
import { startApp } from "./support/app";
import { SDK_CLIENTS, sdkClient } from "./support/sdk-client";

type Note = { author: string; n: number };

const note = (author: string) => ({ name: "note.created", data: { id: "a", author, text: "hello" } });

/** The next `count` items; a gap fails the test. */
async function take(subscription: AsyncIterable<unknown>, count: number): Promise<SubscriptionEvent[]> {
  const taken: SubscriptionEvent[] = [];
  if (count === 0) return taken;
  const iterator = subscription[Symbol.asyncIterator]();
  while (taken.length < count) {
    const { value, done } = await iterator.next();
    if (done) throw new Error(`ended after ${taken.length} of ${count}`);
    expect(value).toMatchObject({ kind: "event" });
    taken.push(value as SubscriptionEvent);
  }
  return taken;
}

/** The same iterator each time, and leaving a loop over it does not end it. */
function keepOpen(subscription: Subscription): AsyncIterable<unknown> {
  const iterator = subscription[Symbol.asyncIterator]();
  return { [Symbol.asyncIterator]: () => ({ next: () => iterator.next() }) };
}

const numbers = (events: readonly SubscriptionEvent[]) => events.map(({ data }) => (data as Note).n);
const upTo = (count: number) => Array.from({ length: count }, (_, index) => index + 1);

for (const sdk of ["v1", "v2"] as const) {
  describe.each(SDK_CLIENTS)(`server ${sdk}, client %s, over HTTP`, (line) => {
    it.each(["push", "poll"] as const)(
      "ORD-1 ORD-2 ORD-3: %s delivers all, in order, once",
      async (delivery) => {
        const { url } = await startApp({ sdk });
        const { events, callTool } = await sdkClient(line, { url });
        const subscription = await events.subscribe("note.created", { author: "ann" }, { delivery });
        await callTool("emit", { ...note("ann"), count: 250 });
        await callTool("emit", { ...note("bob"), count: 3 });
        const taken = await take(subscription, 250);
        expect(numbers(taken)).toEqual(upTo(250));
        expect(new Set(taken.map(({ mode }) => mode))).toEqual(new Set([delivery]));
      },
    );

    it("ORD-4: the mode changes at any position, and nothing is lost or repeated", async () => {
      const { url } = await startApp({ sdk });
      const { events, callTool } = await sdkClient(line, { url });
      const subscription = await events.subscribe("note.created", {}, { delivery: "push" });
      const items = keepOpen(subscription);
      const modes: string[] = [];
      for (let round = 0; round < 4; round += 1) {
        await callTool("emit", { ...note("ann"), count: 10 });
        const taken = await take(items, 10);
        expect(numbers(taken)).toEqual(upTo(10));
        modes.push(...new Set(taken.map(({ mode }) => mode)));
        await subscription.switchTo(subscription.mode === "push" ? "poll" : "push");
      }
      expect(modes).toEqual(["push", "poll", "push", "poll"]);
    });

    it("ORD-4: a change of mode inside the loop does not wait for the loop", async () => {
      const { url } = await startApp({ sdk });
      const { events, callTool } = await sdkClient(line, { url });
      const subscription: Subscription = await events.subscribe("note.created", {}, { delivery: "push" });
      await callTool("emit", { ...note("ann"), count: 40 });
      const taken: SubscriptionEvent[] = [];
      for await (const item of subscription) {
        if (item.kind === "event") taken.push(item);
        if (taken.length === 40) break;
        if (taken.length % 10 === 0) await subscription.switchTo(taken.length % 20 === 10 ? "poll" : "push");
      }
      expect(numbers(taken)).toEqual(upTo(40));
    });

    it("ORD-5: subscriptions to three types merge into the log's order", async () => {
      const { url } = await startApp({ sdk });
      const { events, callTool } = await sdkClient(line, { url });
      const names = ["note.created", "pollonly.pinged", "pushonly.pinged"];
      const [first, second, third] = await Promise.all(names.map((name) => events.subscribe(name)));
      for (let round = 0; round < 10; round += 1) {
        for (const name of names)
          await callTool("emit", name === names[0] ? note("ann") : { name, data: {} });
      }
      const merged = await take(merge(first!, second!, third!), 30);
      expect(merged.map(({ name }) => name)).toEqual(Array.from({ length: 10 }, () => names).flat());
      const places = merged.map(({ position }) => position!.seq);
      expect(places).toEqual([...places].sort((one, other) => one - other));
    });
  });
}
