import { jetstreamManager } from "@nats-io/jetstream";
import { connect } from "@nats-io/transport-node";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { natsPositions } from "../positions";
import { place, replicas, subscription, until } from "../testing/fixtures";
import { startNatsServer, type TestServer } from "../testing/nats-server";

let server: TestServer;
let group: ReturnType<typeof replicas>;

beforeAll(async () => {
  server = await startNatsServer();
});
afterAll(() => server.close());
afterEach(() => group?.close());

const open = (options = {}) => {
  group = replicas(server.url, { secretKey: "k".repeat(32), timeoutMs: 5_000, ...options });
  return group.store().webhooks.subscriptions;
};

/** Waits until a call is answered as it should be; failures until then are the servers' being away. */
const untilAnswered = (call: () => Promise<boolean>) => until(() => call().catch(() => false));

describe("subscriptions whose server fails", { timeout: 30_000 }, () => {
  it("ORD-7 RULE-12: after kill -9 of the server records, places and fences hold, and others are told again", async () => {
    const mine = open();
    const other = group.store().webhooks.subscriptions;
    const told: string[] = [];
    other.watch((id) => told.push(id));
    await mine.renew("one", 60_000);
    const lease = (await mine.create(subscription("sub_a"), place(1), "one"))!;
    await mine.savePlace("sub_a", lease.token, place(2));
    await until(() => told.includes("sub_a"));
    await server.kill();
    await server.start();
    expect(await other.lease("sub_a", "two")).toBeUndefined();
    expect(await mine.savePlace("sub_a", lease.token, place(3))).toBe(true);
    await mine.create(subscription("sub_b"), place(1), "one");
    await until(() => told.includes("sub_b"));
    await mine.retire("one");
    const next = (await other.lease("sub_a", "two"))!;
    expect(next.token).toBeGreaterThan(lease.token);
    expect(await other.place("sub_a")).toEqual(place(3));
    expect(await mine.savePlace("sub_a", lease.token, place(9))).toBe(false);
    expect((await mine.page(undefined, 9)).map(({ id }) => id)).toEqual(["sub_a", "sub_b"]);
  });

  it("RULE-12: many owners that take one subscription at once get tokens of their own, and the last one's place counts", async () => {
    const first = open();
    await first.create(subscription("sub_a"), place(0), "zero");
    const stores = [first, group.store().webhooks.subscriptions, group.store().webhooks.subscriptions];
    const leases = await Promise.all(
      Array.from({ length: 12 }, (_, n) => stores[n % 3]!.lease("sub_a", `owner${n}`, { takeOver: true })),
    );
    const tokens = leases.flatMap((lease) => lease?.token ?? []);
    expect(new Set(tokens).size).toBe(tokens.length);
    const last = Math.max(...tokens);
    for (const token of tokens) {
      expect(await stores[0]!.savePlace("sub_a", token, place(token))).toBe(token === last);
    }
    expect((await first.place("sub_a"))?.through).toBe(last);
  });

  it("says store_failed and position_store_failed, retryable, while no server answers", async () => {
    const mine = open({ timeoutMs: 500 });
    const positions = natsPositions({ servers: server.url, prefix: group.prefix, timeoutMs: 500 });
    await mine.create(subscription("sub_a"), place(1), "one");
    await positions.set("a", { version: 1, cursor: "one" });
    await server.kill();
    await expect(mine.get("sub_a")).rejects.toMatchObject({ code: "store_failed", retryable: true });
    await expect(mine.page(undefined, 9)).rejects.toMatchObject({ code: "store_failed", retryable: true });
    await expect(positions.get("a")).rejects.toMatchObject({
      code: "position_store_failed",
      retryable: true,
    });
    await server.start();
    await untilAnswered(async () => (await mine.get("sub_a")) !== undefined);
    expect(await positions.get("a")).toEqual({ version: 1, cursor: "one" });
    await positions.close();
  });

  it("a bucket that somebody deleted is made anew, empty", async () => {
    const mine = open({ timeoutMs: 500 });
    await mine.create(subscription("sub_a"), place(1), "one");
    expect(await mine.page(undefined, 9)).toHaveLength(1);
    const nc = await connect({ servers: server.url });
    await (await jetstreamManager(nc)).streams.delete(`KV_${group.prefix}-subscriptions`);
    await nc.close();
    await untilAnswered(
      async () => (await mine.create(subscription("sub_b"), place(1), "one")) !== undefined,
    );
    await untilAnswered(async () => (await mine.page(undefined, 9)).some(({ id }) => id === "sub_b"));
    expect((await mine.page(undefined, 9)).map(({ id }) => id)).toEqual(["sub_b"]);
  });
});
