import { expect, test } from "vitest";
import { ManualClock } from "../../../ordering/src/testing/manual-clock";
import { closing, message, never, target } from "../testing/send";
import { TEST_CA } from "../testing/tls-fixture";
import { callbackUrl } from "./callback-url";
import { BlockedError, Guard } from "./guard";
import { Pools } from "./pools";

const { endpoint, transport } = closing();
const refused = { kind: "failed", error: "connection_refused" };
const tls = { ca: TEST_CA };

/** A resolver that answers from a list, one answer a question; the last one again and again. */
function answering(...answers: string[][]) {
  const asked: string[] = [];
  const resolve = async (hostname: string) => {
    asked.push(hostname);
    const answer = answers[Math.min(asked.length, answers.length) - 1]!;
    return answer.map((address) => ({ address, family: address.includes(":") ? 6 : 4 }));
  };
  return { asked, resolve };
}

test("HOOK-15: the socket goes to the checked address with the original Host and SNI", async () => {
  const receiver = await endpoint(undefined, { tls: true });
  const { asked, resolve } = answering(["127.0.0.1"]);
  const { webhookSender } = transport({ allowLoopback: true, resolve, tls });
  const url = `https://hooks.example.test:${receiver.port}/x`;
  expect(await webhookSender.post(target(url), message(), never)).toEqual({ kind: "answered", status: 204 });
  expect(receiver.seen[0]!.headers.host).toBe(`hooks.example.test:${receiver.port}`);
  expect(receiver.serverNames).toEqual(["hooks.example.test"]);
  expect(asked).toEqual(["hooks.example.test"]);
});

test("HOOK-15: DNS that changes between attempts: each goes to the address that was checked for it", async () => {
  const first = await endpoint(undefined, { tls: true });
  const second = await endpoint(undefined, { tls: true, host: "127.0.0.2", port: first.port });
  const { asked, resolve } = answering(["127.0.0.1"], ["127.0.0.2"], ["169.254.169.254"], ["127.0.0.1"]);
  const { webhookSender } = transport({ allowLoopback: true, resolve, tls });
  const url = `https://hooks.example.test:${first.port}/x`;
  const ids = ["e1", "e2", "e3", "e4"];
  const results = [];
  for (const id of ids) results.push(await webhookSender.post(target(url), message(id), never));
  expect(results.map((result) => result.kind)).toEqual(["answered", "answered", "failed", "answered"]);
  expect(first.seen.map(({ headers }) => headers["webhook-id"])).toEqual(["e1", "e4"]);
  expect(second.seen.map(({ headers }) => headers["webhook-id"])).toEqual(["e2"]);
  expect(asked).toHaveLength(4);
});

test.each([
  ["loopback", ["127.0.0.1"]],
  ["IPv6 loopback", ["::1"]],
  ["private", ["10.0.0.1", "192.168.1.1", "172.20.0.1"]],
  ["cloud metadata", ["169.254.169.254"]],
  ["carrier-grade NAT", ["100.64.0.1"]],
  ["v4-mapped loopback", ["::ffff:127.0.0.1"]],
  ["NAT64", ["64:ff9b::7f00:1"]],
  ["6to4", ["2002:7f00:1::1"]],
  ["link-local with zone", ["fe80::1%lo"]],
  ["no address at all", []],
  ["nonsense", ["not an address"]],
])("HOOK-15: a name at %s is not posted to, and the body is not made", async (_name, answer) => {
  const { resolve } = answering(answer);
  const { webhookSender } = transport({ resolve });
  let made = false;
  const make = () => {
    made = true;
    return message()();
  };
  expect(await webhookSender.post(target("https://rebind.example/x"), make, never)).toEqual(refused);
  expect(made).toBe(false);
});

test("HOOK-15: of several addresses only those that may be are connected to", async () => {
  const receiver = await endpoint(undefined, { tls: true });
  const { resolve } = answering(["10.255.255.1", "127.0.0.1", "::ffff:127.0.0.1"]);
  const { webhookSender } = transport({ allowLoopback: true, resolve, tls });
  const url = `https://hooks.example.test:${receiver.port}/x`;
  expect(await webhookSender.post(target(url), message(), never)).toMatchObject({ kind: "answered" });
});

test("HOOK-12: where no connection can be made, the next address is tried with the same body", async () => {
  const receiver = await endpoint();
  const { resolve } = answering(["127.0.0.9", "127.0.0.1"]);
  const { webhookSender } = transport({ allowLoopback: true, resolve });
  let made = 0;
  const make = () => {
    made += 1;
    return message()();
  };
  const to = target(`http://dev.localhost:${receiver.port}/x`);
  for (const attempt of [1, 2]) {
    expect(await webhookSender.post(to, make, never)).toMatchObject({ kind: "answered" });
    expect(made).toBe(attempt);
  }
  expect(receiver.seen).toHaveLength(2);
});

test("HOOK-12: a post that may have arrived is not sent to the next address", async () => {
  const first = await endpoint((_request, _response, socket) => socket.destroy());
  const second = await endpoint(undefined, { host: "127.0.0.2", port: first.port });
  const { resolve } = answering(["127.0.0.1", "127.0.0.2"]);
  const { webhookSender } = transport({ allowLoopback: true, resolve });
  const to = target(`http://dev.localhost:${first.port}/x`);
  expect(await webhookSender.post(to, message(), never)).toEqual(refused);
  expect(second.seen).toEqual([]);
});

test("IPv6 literals work where they may", async () => {
  const receiver = await endpoint(undefined, { host: "::1" });
  const { webhookSender } = transport();
  const result = await webhookSender.post(target(`${receiver.origin}/x`), message(), never);
  expect(result).toEqual({ kind: "answered", status: 204 });
  expect(receiver.seen[0]!.headers.host).toBe(`[::1]:${receiver.port}`);
});

test("HOOK-5: the loopback switch lets plain http go to loopback addresses only", async () => {
  const { resolve } = answering(["8.8.8.8"]);
  const { webhookSender } = transport({ allowLoopback: true, resolve });
  expect(await webhookSender.post(target("http://dev.localhost/x"), message(), never)).toEqual(refused);
});

test("HOOK-15: a URL that was taken under other options is judged again at the post", async () => {
  const { webhookSender } = transport({});
  for (const url of ["https://127.0.0.1/x", "http://example.com/x", "nonsense"]) {
    expect(await webhookSender.post(target(url), message(), never)).toEqual(refused);
    expect(webhookSender.throttledMs(url)).toBeUndefined();
    expect(() => webhookSender.requireUrl(url)).toThrow("delivery.url");
  }
});

test.each([
  ["an authority that is not trusted", "hooks.example.test", {}],
  ["a certificate of another name", "wrong.example.test", { tls }],
])("HOOK-14: %s is a tls_error", async (_name, host, options) => {
  const receiver = await endpoint(undefined, { tls: true });
  const { resolve } = answering(["127.0.0.1"]);
  const { webhookSender } = transport({ allowLoopback: true, resolve, ...options });
  const result = await webhookSender.post(target(`https://${host}:${receiver.port}/x`), message(), never);
  expect(result).toEqual({ kind: "failed", error: "tls_error" });
  expect(receiver.seen).toEqual([]);
});

test("HOOK-14: https to a port that does not speak it is a tls_error", async () => {
  const receiver = await endpoint();
  const { webhookSender } = transport({ allowLoopback: true });
  const result = await webhookSender.post(target(`https://127.0.0.1:${receiver.port}/x`), message(), never);
  expect(result).toEqual({ kind: "failed", error: "tls_error" });
});

const none = { loopback: false, hosts: new Set<string>() };

test("HOOK-15: a named host may be at a private address, another not", async () => {
  const { resolve } = answering(["10.0.0.1"]);
  const exceptions = { loopback: false, hosts: new Set(["hooks.corp"]) };
  const guard = new Guard(resolve, exceptions, new ManualClock());
  expect(await guard.addresses(callbackUrl("https://hooks.corp/x", exceptions))).toEqual(["10.0.0.1"]);
  const other = callbackUrl("https://hooks.corp.evil.example/x", exceptions);
  await expect(guard.addresses(other)).rejects.toThrow(BlockedError);
});

test("HOOK-15: attempts of one moment share the question, a later one asks again, an old one is not waited for", async () => {
  const clock = new ManualClock();
  let asked = 0;
  let answers: (() => void)[] = [];
  const resolve = () => {
    asked += 1;
    return new Promise<{ address: string; family: number }[]>((done) => {
      answers.push(() => done([{ address: "8.8.8.8", family: 4 }]));
    });
  };
  const guard = new Guard(resolve, none, clock);
  const url = callbackUrl("https://example.com/x", none);
  const both = [guard.addresses(url), guard.addresses(url)];
  expect(asked).toBe(1);
  clock.jump(1_000);
  both.push(guard.addresses(url));
  expect(asked).toBe(2);
  for (const answer of answers) answer();
  answers = [];
  expect(await Promise.all(both)).toEqual([["8.8.8.8"], ["8.8.8.8"], ["8.8.8.8"]]);
  void guard.addresses(url);
  expect(asked).toBe(3);
});

test("HOOK-15: a resolver that throws at once is like one that fails later", async () => {
  const broken = () => {
    throw new Error("broken");
  };
  const { webhookSender } = transport({ resolve: broken });
  for (const _ of [1, 2]) {
    expect(await webhookSender.post(target("https://example.com/x"), message(), never)).toEqual(refused);
  }
});

test("pools are bounded, the longest unused goes first, and idle ones are let go of", async () => {
  const clock = new ManualClock();
  const pools = new Pools({ connections: 1, maxPools: 3, timeoutMs: 5_000 }, clock);
  const url = (name: string) => callbackUrl(`https://${name}.example/x`, none);
  const used = pools.use(url("busy"), "8.8.8.8");
  for (let index = 0; index < 10; index += 1) {
    clock.jump(1);
    pools.release(pools.use(url(`h${index}`), "8.8.8.8"));
    expect(pools.size).toBeLessThan(4);
  }
  expect(pools.use(url("busy"), "8.8.8.8")).toBe(used);
  pools.release(used);
  await clock.advance(120_000);
  expect(pools.size).toBe(1);
  pools.release(used);
  await clock.advance(120_000);
  expect(pools.size).toBe(0);
  expect(clock.pending).toBe(0);
});
