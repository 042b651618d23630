import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Server, type Socket } from "node:net";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { FaultProxy } from "./http-proxy";
import { HttpFaultSchedule } from "./http-schedule";
import type { HttpFault, HttpFaults } from "./profiles";

const PAYLOAD = Buffer.from("0123456789".repeat(20_000));

let target: Server;
let served: Socket[];
let proxy: FaultProxy | undefined;

beforeEach(async () => {
  served = [];
  target = createServer((socket) => {
    served.push(socket);
    socket.on("error", () => {});
    socket.once("data", () => socket.end(PAYLOAD));
  });
  target.listen(0, "127.0.0.1");
  await once(target, "listening");
});

afterEach(async () => {
  await proxy?.close();
  for (const socket of served) socket.destroy();
  target.close();
});

/** A proxy on which the only fault is `fault`, in every chunk. */
async function listen(fault: HttpFault | null): Promise<FaultProxy> {
  const weights = { delay: 0, stall: 0, cut: 0, hang: 0, outage: 0, ...(fault !== null && { [fault]: 1 }) };
  const faults: HttpFaults = {
    everyBytes: 1,
    weights,
    delayMs: [0, 1],
    stallMs: [0, 1],
    outageMs: [60_000, 60_000],
  };
  const schedule = fault === null ? null : new HttpFaultSchedule(faults, () => 0.5);
  proxy = await FaultProxy.listen((target.address() as AddressInfo).port, schedule);
  proxy.arm();
  return proxy;
}

/** Asks through the proxy: what came, and how it ended. */
async function ask(port: number): Promise<{ bytes: Buffer; ended: boolean }> {
  const socket = connect(port, "127.0.0.1");
  const chunks: Buffer[] = [];
  let ended = false;
  socket.on("data", (chunk) => chunks.push(chunk));
  socket.on("end", () => {
    ended = true;
  });
  socket.on("error", () => {});
  socket.write("GET");
  await closeOf(socket);
  return { bytes: Buffer.concat(chunks), ended };
}

function closeOf(socket: Socket): Promise<void> {
  return new Promise((resolve) => socket.once("close", () => resolve()));
}

describe("FaultProxy", () => {
  it("carries everything when there is no fault", async () => {
    const { port } = await listen(null);
    const answer = await ask(port);
    expect(answer.bytes.equals(PAYLOAD)).toBe(true);
    expect(answer.ended).toBe(true);
  });

  it.each(["delay", "stall"] as const)("carries everything through each %s, in order", async (fault) => {
    const { port, tally } = await listen(fault);
    const answer = await ask(port);
    expect(answer.bytes.equals(PAYLOAD)).toBe(true);
    expect(tally[fault]).toBeGreaterThan(1);
  });

  it("carries everything until it is armed", async () => {
    const faults = { everyBytes: 1, weights: { delay: 0, stall: 0, cut: 1, hang: 0, outage: 0 } };
    const lengths = { delayMs: [0, 0], stallMs: [0, 0], outageMs: [0, 0] } as const;
    const schedule = new HttpFaultSchedule({ ...faults, ...lengths }, () => 0.5);
    proxy = await FaultProxy.listen((target.address() as AddressInfo).port, schedule);
    expect((await ask(proxy.port)).bytes.equals(PAYLOAD)).toBe(true);
    expect(proxy.tally.cut).toBe(0);
  });

  it("cuts a connection inside a chunk, and the server's with it", async () => {
    const { port, tally } = await listen("cut");
    const answer = await ask(port);
    expect(answer.ended).toBe(false);
    expect(answer.bytes.byteLength).toBeLessThan(PAYLOAD.byteLength);
    expect(tally.cut).toBeGreaterThan(0);
  });

  it("hangs: nothing comes and nothing ends, until the client gives up", async () => {
    const { port, tally } = await listen("hang");
    const socket = connect(port, "127.0.0.1");
    socket.on("error", () => {});
    socket.write("GET");
    while (tally.hang === 0) await new Promise(setImmediate);
    expect(socket.readyState).toBe("open");
    socket.destroy();
    await closeOf(socket);
    await proxy?.close();
    proxy = undefined;
  });

  it("refuses everybody during an outage", async () => {
    const { port, tally } = await listen("outage");
    expect((await ask(port)).bytes.byteLength).toBe(0);
    expect((await ask(port)).bytes.byteLength).toBe(0);
    expect(tally.outage).toBe(1);
    expect(proxy?.connections).toBe(1);
  });

  it("ends its connections when it closes", async () => {
    const { port } = await listen("hang");
    const answer = ask(port);
    while (proxy?.tally.hang === 0) await new Promise(setImmediate);
    await proxy?.close();
    proxy = undefined;
    expect((await answer).ended).toBe(false);
  });
});
