import type { JsMsg } from "@nats-io/jetstream";
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from "vitest";
import type { Nats } from "../connection";
import { place, replicas, subscription } from "../testing/fixtures";
import { startNatsServer, type TestServer } from "../testing/nats-server";
import { Cell } from "./cas";

let server: TestServer;
let group: ReturnType<typeof replicas>;
/** How long what a stream tells is on its way to all but the replica that reads first, in milliseconds. */
const lag: { ms: number; first?: Nats | undefined } = { ms: 0 };

vi.mock("../read-stream", async (original) => {
  const real = await original<typeof import("../read-stream")>();
  const late = (nats: Nats, onMessage: (message: JsMsg) => boolean) => (message: JsMsg) => {
    if (lag.ms === 0 || nats === lag.first) return onMessage(message);
    setTimeout(() => onMessage(message), lag.ms);
    return true;
  };
  return {
    ...real,
    readStream: (
      nats: Nats,
      stream: string,
      from: number,
      stop: AbortSignal,
      on: (message: JsMsg) => boolean,
    ) => {
      lag.first ??= nats;
      return real.readStream(nats, stream, from, stop, late(nats, on));
    },
  };
});

beforeAll(async () => {
  server = await startNatsServer();
});
afterAll(() => server.close());
afterEach(() => {
  lag.ms = 0;
  lag.first = undefined;
  return group?.close();
});

function two() {
  group = replicas(server.url, { secretKey: "k".repeat(32) });
  return [group.store().webhooks.subscriptions, group.store().webhooks.subscriptions] as const;
}

describe("RULE-12: replicas that meet", { timeout: 30_000 }, () => {
  it("an owner that was not heard yet is not taken for dead", async () => {
    const [mine, other] = two();
    await mine.create(subscription("sub_a"), place(0), "gone");
    await mine.page(undefined, 9);
    await other.page(undefined, 9);
    lag.ms = 300;
    const { update } = Cell.prototype;
    vi.spyOn(Cell.prototype, "update").mockImplementationOnce(async function (this: Cell<unknown>, ...given) {
      await mine.renew("one", 60_000);
      expect(await mine.lease("sub_a", "one", { takeOver: true })).toBeDefined();
      return update.apply(this, given as Parameters<typeof update>);
    });
    expect(await other.lease("sub_a", "two")).toBeUndefined();
  });

  it("a delete leaves the place of one that began since", async () => {
    const [mine, other] = two();
    await mine.create(subscription("sub_a"), place(0), "one");
    const { update } = Cell.prototype;
    vi.spyOn(Cell.prototype, "update").mockImplementationOnce(async function (this: Cell<unknown>, ...given) {
      const result = await update.apply(this, given as Parameters<typeof update>);
      const { token } = (await other.create(subscription("sub_a"), place(0), "two"))!;
      expect(await other.savePlace("sub_a", token, place(7))).toBe(true);
      return result;
    });
    expect(await mine.delete("sub_a")).toBe(true);
    expect(await other.place("sub_a")).toEqual(place(7));
  });
});
