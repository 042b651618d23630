import type { Subscription, SubscriptionEvent, SubscriptionItem } from "@mcp-events/client";
import { memoryPositions } from "@mcp-events/ordering";
import type { DeliveryMode } from "@mcp-events/protocol";
import { jwksKeys } from "@mcp-events/transport-webhook";
import { describe, expect, it } from "vitest";
import { EVERYTHING_DEFAULTS } from "../src/options";
import { eventually, startApp } from "./support/app";
import { hookClient, receiverOf } from "./support/hook-client";
import { SDK_CLIENTS } from "./support/sdk-client";

const NAME = "note.created";
const note = (author: string) => ({ name: NAME, data: { id: "a", author, text: "hello" } });
const upTo = (count: number) => Array.from({ length: count }, (_, index) => index + 1);
const numberOf = ({ data }: SubscriptionEvent) => (data as { n: number }).n;

const QUICK = {
  allowLoopbackWebhooks: true,
  webhooks: { ...EVERYTHING_DEFAULTS.webhooks, firstRetryMs: 10, retryFactor: 1, maxAttempts: 50 },
};

/** Receivers that put events in order, and those that leave it to the server. */
const RECEIVERS = [
  ["with a window", {}],
  ["in strict order", { resequence: false }],
] as const;

/** Reads on where it stopped: leaving a loop over it would hand out again what was not committed. */
class Reading {
  readonly modes: DeliveryMode[] = [];
  readonly #iterator: AsyncIterator<SubscriptionItem>;

  constructor(subscription: Subscription) {
    this.#iterator = subscription[Symbol.asyncIterator]();
  }

  /** Numbers of the next `count` events; a gap fails the test. */
  async numbers(count: number): Promise<number[]> {
    const numbers: number[] = [];
    while (numbers.length < count) {
      const { value } = await this.#iterator.next();
      expect(value).toMatchObject({ kind: "event" });
      numbers.push(numberOf(value));
      if (this.modes.at(-1) !== value.mode) this.modes.push(value.mode);
    }
    return numbers;
  }
}

describe.each(["v1", "v2"] as const)("server %s, by webhook", (sdk) => {
  describe.each(SDK_CLIENTS)("client %s", (line) => {
    it.each(RECEIVERS)("ORD-1 ORD-2 ORD-3: %s all is delivered, in order, once", async (_how, options) => {
      const { url } = await startApp({ sdk, ...QUICK });
      const fails = () => Math.random() < 0.2;
      const receiver = await receiverOf(options);
      const { events, callTool } = await hookClient(line, { url }, receiver);
      const disturbed = await receiverOf(options, fails);
      const other = await hookClient(line, { url }, disturbed);
      const subscription = await events.subscribe(NAME, { author: "ann" }, { delivery: "webhook" });
      let again: Subscription | undefined;
      while (again === undefined)
        again = await other.events
          .subscribe(NAME, { author: "ann" }, { delivery: "webhook" })
          .catch(() => undefined);
      await callTool("emit", { ...note("ann"), count: 120 });
      await callTool("emit", { ...note("bob"), count: 3 });
      const reading = new Reading(subscription);
      expect(await reading.numbers(120)).toEqual(upTo(120));
      expect(reading.modes).toEqual(["webhook"]);
      expect(await new Reading(again).numbers(120)).toEqual(upTo(120));
    });

    it.each(RECEIVERS)(
      "ORD-4: %s the mode changes in mid-flight, nothing is lost or repeated",
      async (_how, options) => {
        const { url } = await startApp({ sdk, ...QUICK });
        const { events, callTool } = await hookClient(line, { url }, await receiverOf(options));
        const subscription = await events.subscribe(NAME, {}, { delivery: "push" });
        const reading = new Reading(subscription);
        const taken: number[] = [];
        let total = 0;
        const rounds = ["webhook", "poll", "webhook", "push", "poll", "push"] as const;
        for (const mode of rounds) {
          const emitted = callTool("emit", { ...note("ann"), count: 60 });
          // Between two polls nothing comes for a while; what is emitted then is the next mode's.
          if (subscription.mode !== "poll") taken.push(...(await reading.numbers(7)));
          await subscription.switchTo(mode);
          expect(subscription.mode).toBe(mode);
          await emitted;
          total += 60;
          taken.push(...(await reading.numbers(total - taken.length)));
        }
        expect(taken).toEqual(rounds.flatMap(() => upTo(60)));
        expect(new Set(reading.modes)).toEqual(new Set(["push", "webhook", "poll"]));
      },
    );
  });

  it("HOOK-16: a receiver that wants the server's own signature finds the key at the well-known path", async () => {
    const { url, fixture } = await startApp({ sdk, ...QUICK, webhookIdentity: true });
    const other = await startApp({ sdk, ...QUICK, webhookIdentity: true });
    const keysAt = (where: string) =>
      jwksKeys({ url: new URL("/.well-known/mcp-webhook-jwks.json", where).href });
    const { events, callTool } = await hookClient("v2", { url }, await receiverOf({ identity: keysAt(url) }));
    const subscription = await events.subscribe(NAME, {}, { delivery: "webhook" });
    await callTool("emit", { ...note("ann"), count: 3 });
    const reading = new Reading(subscription);
    expect(await reading.numbers(3)).toEqual(upTo(3));

    // The endpoint itself says that it wants deliveries (HOOK-7), and takes none that others signed.
    const misled = await hookClient("v2", { url }, await receiverOf({ identity: keysAt(other.url) }));
    await misled.events.subscribe(NAME, {}, { delivery: "webhook" });
    await callTool("emit", { ...note("ann"), count: 1 });
    await eventually(
      async () => fixture.events.webhooks.list().map(({ status }) => status.lastError),
      (errors) => errors.includes("http_4xx"),
    );
    expect(await reading.numbers(1)).toEqual([1]);
  });

  it("HOOK-17: close ends the subscription at the server", async () => {
    const { url, fixture } = await startApp({ sdk, ...QUICK });
    const { events } = await hookClient("v2", { url }, await receiverOf());
    const subscription = await events.subscribe(NAME, {}, { delivery: "webhook" });
    expect(fixture.events.webhooks.list()).toMatchObject([{ principal: "alice", name: NAME }]);
    await subscription.close();
    expect(fixture.events.webhooks.list()).toEqual([]);
  });

  it("HOOK-4 HOOK-14: a short grant is refreshed in time, with another secret, and tells the status", async () => {
    const { url, fixture } = await startApp({ sdk, ...QUICK });
    const receiver = await receiverOf({ ttlMs: 2_000 });
    const { events, callTool } = await hookClient("v2", { url }, receiver);
    const subscription = await events.subscribe(NAME, {}, { delivery: "webhook" });
    const reading = new Reading(subscription);
    const first = fixture.events.webhooks.list()[0]!;
    for (let round = 0; round < 5; round += 1) {
      await callTool("emit", { ...note("ann"), count: 4 });
      expect(await reading.numbers(4)).toEqual(upTo(4));
      await new Promise((resolve) => setTimeout(resolve, 500));
    }
    const last = fixture.events.webhooks.list()[0]!;
    expect(last.id).toBe(first.id);
    expect(last.expiresAt).toBeGreaterThan(first.expiresAt! + 1_000);
    expect(subscription.deliveryStatus).toMatchObject({ active: true });
  });

  it("ORD-9: who comes back with a stored position goes on from it", async () => {
    const { url } = await startApp({ sdk, ...QUICK });
    const positions = memoryPositions();
    const receiver = await receiverOf();
    const before = await hookClient("v2", { url }, receiver, { positions });
    const first = await before.events.subscribe(NAME, {}, { id: "mine", delivery: "webhook" });
    await before.callTool("emit", { ...note("ann"), count: 5 });
    await new Reading(first).numbers(4);
    await before.events.close();
    await before.callTool("emit", { ...note("ann"), count: 2 });
    const after = await hookClient("v2", { url }, receiver, { positions });
    const second = await after.events.subscribe(NAME, {}, { id: "mine", delivery: "webhook" });
    // The fourth was handed out and not committed: the next was never asked for.
    expect(await new Reading(second).numbers(4)).toEqual([4, 5, 1, 2]);
  });

  it("AUTH-2 LIST-4: revocation and removal end it with the server's reason", async () => {
    const { url } = await startApp({ sdk, ...QUICK });
    const { events, callTool } = await hookClient("v2", { url }, await receiverOf());
    const secret = await events.subscribe("secret.created", {}, { delivery: "webhook" });
    const pinged = await events.subscribe("hookonly.pinged", {}, { delivery: "webhook" });
    await callTool("emit", { name: "hookonly.pinged", data: {}, count: 2 });
    await callTool("remove_type", { name: "hookonly.pinged" });
    const reading = new Reading(pinged);
    expect(await reading.numbers(2)).toEqual([1, 2]);
    await expect(reading.numbers(1)).rejects.toMatchObject({ error: "NotFound" });
    await callTool("revoke", { principal: "alice", name: "secret.created" });
    await expect(new Reading(secret).numbers(1)).rejects.toMatchObject({ error: "Forbidden" });
  });
});
