import { once } from "node:events";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { createRandom } from "../random";
import { bodyOf, planDeliveries } from "./deliveries";
import { loadExamples } from "./examples";
import { emptyTally, type PosterOptions, postDeliveries } from "./poster";
import { receiveDelivery, type VerifiedDelivery } from "./receiver";

const SECRET = "it is a secret";
const plan = { count: 40, repos: 5, favoured: ["push"], favouredShare: 0.5 };
const deliveries = planDeliveries(loadExamples(), plan, createRandom(1));

let server: Server;
let received: VerifiedDelivery[];
let options: PosterOptions;
let accepted: string[];

beforeEach(async () => {
  received = [];
  accepted = [];
  server = createServer((req, res) => {
    void receiveDelivery(req, res, SECRET, async (delivery) => void received.push(delivery));
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  options = {
    url: new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}/github`),
    secret: SECRET,
    perSecond: 100_000,
    concurrency: 4,
    redelivered: 0,
    forged: 0,
    onAccepted: ({ id }) => accepted.push(id),
    random: createRandom(1),
    signal: new AbortController().signal,
  };
});

afterEach(() => {
  server.close();
  server.closeAllConnections();
});

describe("postDeliveries", () => {
  it("posts each delivery once, signed, as it is", async () => {
    const tally = emptyTally();
    await postDeliveries(deliveries, options, tally);
    expect(tally).toEqual({ accepted: 40, redelivered: 0, forged: 0, forgedRefused: 0, failures: [] });
    const byId = new Map(received.map(({ id, payload }) => [id, payload]));
    for (const delivery of deliveries) expect(byId.get(delivery.id)).toEqual(JSON.parse(bodyOf(delivery)));
    expect(accepted.toSorted()).toEqual(deliveries.map(({ id }) => id).toSorted());
  });

  it("redelivers with the same id", async () => {
    const tally = emptyTally();
    await postDeliveries(deliveries, { ...options, redelivered: 1 }, tally);
    expect(tally).toMatchObject({ accepted: 40, redelivered: 40, failures: [] });
    expect(received).toHaveLength(80);
    expect(new Set(received.map(({ id }) => id)).size).toBe(40);
  });

  it("sees its forged deliveries refused", async () => {
    const tally = emptyTally();
    await postDeliveries(deliveries, { ...options, forged: 1 }, tally);
    expect(tally).toMatchObject({ accepted: 40, forged: 40, forgedRefused: 40, failures: [] });
    expect(received).toHaveLength(40);
  });

  it("says what the server did not take", async () => {
    const tally = emptyTally();
    await postDeliveries(deliveries.slice(0, 1), { ...options, secret: "another" }, tally);
    expect(tally.accepted).toBe(0);
    expect(accepted).toEqual([]);
    expect(tally.failures).toEqual([expect.stringContaining("was answered 401")]);
  });

  it("stops when told to", async () => {
    const stopped = { ...options, perSecond: 1, signal: AbortSignal.abort(new Error("enough")) };
    await expect(postDeliveries(deliveries, stopped, emptyTally())).rejects.toThrow("enough");
    expect(received.length).toBeLessThan(2);
  });
});
