import { createPublicKey, verify } from "node:crypto";
import { Webhook } from "standardwebhooks";
import { expect, test } from "vitest";
import { ManualClock, settle } from "../../../ordering/src/testing/manual-clock";
import { closing, message, never, SECRET, target, until } from "../testing/send";
import { generateIdentityKey } from "./identity";

const { endpoint, transport } = closing();

test("HOOK-9: a delivery is a POST of JSON with the three headers and the subscription's id", async () => {
  const receiver = await endpoint();
  const { webhookSender } = transport();
  const result = await webhookSender.post(target(`${receiver.origin}/hooks/1?a=b`), message(), never);
  expect(result).toEqual({ kind: "answered", status: 204 });
  const [seen] = receiver.seen;
  expect(seen).toMatchObject({ method: "POST", path: "/hooks/1?a=b", body: '{"eventId":"e1"}' });
  expect(seen!.headers).toMatchObject({
    "content-type": "application/json",
    "content-length": "16",
    "user-agent": "mcp-events",
    "webhook-id": "e1",
    "x-mcp-subscription-id": "sub_1",
    host: `127.0.0.1:${receiver.port}`,
  });
  const headers = seen!.headers as Record<string, string>;
  expect(new Webhook(SECRET).verify(seen!.body, headers)).toEqual({ eventId: "e1" });
});

test("HOOK-9: each attempt has a timestamp and signature of its own", async () => {
  const receiver = await endpoint();
  const clock = new ManualClock();
  const { webhookSender } = transport({ allowLoopback: true, clock });
  const to = target(`${receiver.origin}/x`);
  await webhookSender.post(to, message(), never);
  clock.jump(1_000);
  await webhookSender.post(to, message(), never);
  const [first, second] = receiver.seen.map(({ headers }) => headers);
  expect(first!["webhook-timestamp"]).toBe("1700000000");
  expect(second!["webhook-timestamp"]).toBe("1700000001");
  expect(second!["webhook-signature"]).not.toBe(first!["webhook-signature"]);
});

test("HOOK-4, HOOK-16: all secrets sign, the newest first, then the identity; a rotated key signs at once", async () => {
  const receiver = await endpoint();
  const [old, fresh] = [generateIdentityKey("old"), generateIdentityKey("new")];
  const sender = transport({ allowLoopback: true, identity: { keys: [old, fresh] } });
  const other = "whsec_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=";
  const to = target(`${receiver.origin}/x`, { secrets: [other, SECRET] });
  await sender.webhookSender.post(to, message(), never);
  sender.setKeys([fresh, old]);
  await sender.webhookSender.post(to, message(), never);
  const keys = sender.jwks().keys;
  for (const [index, kid] of ["old", "new"].entries()) {
    const { headers, body } = receiver.seen[index]!;
    const signatures = String(headers["webhook-signature"]).split(" ");
    expect(signatures.map((one) => one.split(",")[0])).toEqual(["v1", "v1", "v1a"]);
    const signed = Buffer.from(`${headers["webhook-id"]}.${headers["webhook-timestamp"]}.${body}`);
    const key = createPublicKey({ key: { ...keys.find((one) => one.kid === kid)! }, format: "jwk" });
    expect(verify(null, signed, key, Buffer.from(signatures[2]!.slice(4), "base64"))).toBe(true);
  }
});

test("HOOK-12: a redirect is not followed, to loopback or anywhere else", async () => {
  const secret = await endpoint();
  const receiver = await endpoint((_request, response) =>
    response.writeHead(307, { location: `${secret.origin}/admin` }).end(),
  );
  const { webhookSender } = transport();
  const result = await webhookSender.post(target(`${receiver.origin}/x`), message(), never);
  expect(result).toEqual({ kind: "answered", status: 307 });
  expect(secret.connections.made).toBe(0);
});

test.each([
  ["120", 120_000],
  ["0", 0],
  ["99999999999", 24 * 60 * 60_000],
  ["Tue, 14 Nov 2023 22:13:30 GMT", 10_000],
  ["Tue, 14 Nov 2023 22:13:10 GMT", 0],
  ["soon", undefined],
  ["1.5", undefined],
  ["-5", undefined],
])("HOOK-12: Retry-After %s is %s ms", async (header, retryAfterMs) => {
  const receiver = await endpoint((_request, response) =>
    response.writeHead(503, { "retry-after": header }).end(),
  );
  const { webhookSender } = transport({ allowLoopback: true, clock: new ManualClock() });
  const result = await webhookSender.post(target(`${receiver.origin}/x`), message(), never);
  expect(result).toEqual({ kind: "answered", status: 503, retryAfterMs });
});

test("HOOK-12: a silent receiver is a timeout, and the connection is cut", async () => {
  const receiver = await endpoint(() => {});
  const clock = new ManualClock();
  const { webhookSender } = transport({ allowLoopback: true, clock });
  const post = webhookSender.post(target(`${receiver.origin}/x`), message(), never);
  await until(() => receiver.seen.length === 1);
  await clock.advance(5_000);
  expect(await post).toEqual({ kind: "failed", error: "timeout" });
  await until(() => receiver.connections.closed === 1);
});

test("HOOK-12: a receiver that drips its headers is a timeout", async () => {
  const receiver = await endpoint((_request, _response, socket) => socket.write("HTTP/1.1 200 OK\r\nx-"));
  const clock = new ManualClock();
  const { webhookSender } = transport({ allowLoopback: true, clock });
  const post = webhookSender.post(target(`${receiver.origin}/x`), message(), never);
  await until(() => receiver.seen.length === 1);
  await clock.advance(5_000);
  expect(await post).toEqual({ kind: "failed", error: "timeout" });
});

test("HOOK-12: a 2xx whose body drips was accepted; the connection is cut at the time limit", async () => {
  const receiver = await endpoint((_request, response) => {
    response.writeHead(200);
    response.write("x");
  });
  const clock = new ManualClock();
  const { webhookSender } = transport({ allowLoopback: true, clock });
  const post = webhookSender.post(target(`${receiver.origin}/x`), message(), never);
  let done = false;
  void post.then(() => {
    done = true;
  });
  await until(() => receiver.seen.length === 1);
  await new Promise((resolve) => setImmediate(resolve));
  expect(done).toBe(false);
  while (!done) await clock.advance(5_000); // the header may still be on its way at the first
  expect(await post).toEqual({ kind: "answered", status: 200 });
  await until(() => receiver.connections.closed === 1);
});

test("of an endless body no more than 64 KiB and a socket's buffer are read", async () => {
  let written = 0;
  const receiver = await endpoint((_request, response) => {
    response.writeHead(200);
    const pour = () => {
      while (!response.destroyed) {
        written += 16_384;
        if (!response.write(Buffer.alloc(16_384))) return response.once("drain", pour);
      }
      return undefined;
    };
    pour();
  });
  const { webhookSender } = transport();
  const result = await webhookSender.post(target(`${receiver.origin}/x`), message(), never);
  expect(result).toEqual({ kind: "answered", status: 200 });
  await until(() => receiver.connections.closed === 1);
  expect(written).toBeLessThan(16 * 1024 * 1024);
});

test("bodies are consumed, so that 300 deliveries one after another take few connections", async () => {
  const receiver = await endpoint((_request, response) => response.writeHead(200).end("x".repeat(10_000)));
  const { webhookSender } = transport();
  const to = target(`${receiver.origin}/x`);
  for (let index = 0; index < 300; index += 1) {
    expect(await webhookSender.post(to, message(), never)).toMatchObject({ status: 200 });
  }
  expect(receiver.connections.made).toBeLessThan(4);
});

test("500 posts to a silent receiver never hold more than maxPerHost connections", async () => {
  const receiver = await endpoint(() => {});
  const clock = new ManualClock();
  const { webhookSender } = transport({ allowLoopback: true, clock, maxPerHost: 20 });
  const to = target(`${receiver.origin}/x`);
  let ended = 0;
  for (let index = 0; index < 500; index += 1) {
    void webhookSender.post(to, message(), never).then(() => {
      ended += 1;
    });
  }
  for (let round = 1; round <= 5; round += 1) {
    await until(() => receiver.seen.length === 20 * round);
    await until(() => receiver.connections.open <= 20); // those cut off may be seen to close after others opened
    expect(receiver.connections.most).toBeLessThan(round === 1 ? 21 : 41);
    await clock.advance(5_000);
    expect(ended).toBe(20 * round);
  }
});

test("HOOK-14: 10,000 posts to a slow host leave another host unaffected", async () => {
  const slow = await endpoint(() => {}, { host: "127.0.0.2" });
  const swift = await endpoint();
  const { webhookSender } = transport();
  const cancel = new AbortController();
  const waiting: Promise<unknown>[] = [];
  for (let index = 0; index < 10_000; index += 1) {
    waiting.push(webhookSender.post(target(`${slow.origin}/x`), message(), cancel.signal));
  }
  for (let index = 0; index < 100; index += 1) {
    const result = await webhookSender.post(target(`${swift.origin}/x`), message(), never);
    expect(result).toMatchObject({ kind: "answered" });
  }
  expect(slow.connections.most).toBeLessThan(65);
  expect(webhookSender.throttledMs(`${slow.origin}/x`)).toBe(5_000);
  expect(webhookSender.throttledMs(`${swift.origin}/x`)).toBeUndefined();
  cancel.abort();
  expect(new Set((await Promise.all(waiting)).map((one) => JSON.stringify(one)))).toEqual(
    new Set(['{"kind":"cancelled"}']),
  );
});

test("HOOK-12: posts to one host begin in the order they were asked for", async () => {
  const receiver = await endpoint();
  const { webhookSender } = transport({ allowLoopback: true, maxPerHost: 1 });
  const ids = Array.from({ length: 50 }, (_, index) => `e${index}`);
  await Promise.all(ids.map((id) => webhookSender.post(target(`${receiver.origin}/x`), message(id), never)));
  expect(receiver.seen.map(({ headers }) => headers["webhook-id"])).toEqual(ids);
});

test("a post that is cancelled while it waits is not made and frees its place at once", async () => {
  const receiver = await endpoint(() => {});
  const { webhookSender } = transport({ allowLoopback: true, maxPerHost: 1 });
  const to = target(`${receiver.origin}/x`);
  const [first, second] = [new AbortController(), new AbortController()];
  let made = 0;
  const make = () => {
    made += 1;
    return message()();
  };
  const one = webhookSender.post(to, make, first.signal);
  const two = webhookSender.post(to, make, second.signal);
  second.abort();
  expect(await two).toEqual({ kind: "cancelled" });
  await until(() => receiver.seen.length === 1);
  first.abort();
  expect(await one).toEqual({ kind: "cancelled" });
  await until(() => receiver.connections.closed === 1);
  expect(made).toBe(1);
  const three = webhookSender.post(to, make, never);
  await until(() => receiver.seen.length === 2);
  expect(await webhookSender.post(to, make, AbortSignal.abort())).toEqual({ kind: "cancelled" });
  await webhookSender.close();
  expect(await three).toEqual({ kind: "cancelled" });
});

test("HOOK-14: what is broken is told by category", async () => {
  const gone = await endpoint();
  await gone.close();
  const reset = await endpoint((_request, _response, socket) => socket.destroy());
  const garbage = await endpoint((_request, _response, socket) => socket.end("no HTTP at all\r\n\r\n"));
  const { webhookSender } = transport();
  for (const { origin } of [gone, reset, garbage]) {
    const result = await webhookSender.post(target(`${origin}/x`), message(), never);
    expect(result).toEqual({ kind: "failed", error: "connection_refused" });
  }
});

test("HOOK-14: a name that cannot be resolved is connection_refused, a resolver that never answers a timeout", async () => {
  const clock = new ManualClock();
  const resolve = async (hostname: string) => {
    if (hostname === "mute.example") await new Promise(() => {});
    throw Object.assign(new Error("getaddrinfo"), { code: "ENOTFOUND" });
  };
  const { webhookSender } = transport({ resolve, clock });
  const made: string[] = [];
  const make = () => {
    made.push("made");
    return message()();
  };
  const absent = webhookSender.post(target("https://absent.example/x"), make, never);
  expect(await absent).toEqual({ kind: "failed", error: "connection_refused" });
  const mute = webhookSender.post(target("https://mute.example/x"), make, never);
  await clock.advance(5_000);
  expect(await mute).toEqual({ kind: "failed", error: "timeout" });
  expect(made).toEqual([]);
});

test("HOOK-14: what cannot be made or cannot stand in a header fails, is logged without the secret, and rejects nothing", async () => {
  const receiver = await endpoint();
  const logged: string[] = [];
  const logger = {
    debug() {},
    info() {},
    warn() {},
    error: (text: string, fields?: Record<string, unknown>) =>
      logged.push(`${text} ${String(fields?.error)}`),
  };
  const { webhookSender } = transport({ allowLoopback: true, logger });
  const to = target(`${receiver.origin}/x`);
  const failed = { kind: "failed", error: "connection_refused" };
  const boom = () => {
    throw new Error("boom");
  };
  expect(await webhookSender.post(to, boom, never)).toEqual(failed);
  expect(await webhookSender.post(to, message("a\r\nx-evil: 1"), never)).toEqual(failed);
  expect(await webhookSender.post({ ...to, secrets: ["whsec_x"] }, message(), never)).toEqual(failed);
  expect(logged).toHaveLength(3);
  expect(logged.join()).not.toContain("whsec_");
  expect(receiver.seen).toEqual([]);
  expect(await webhookSender.post(to, message(), never)).toEqual({ kind: "answered", status: 204 });
});

test("HOOK-14: a rate limit shows how long posts have to wait, and is kept", async () => {
  const receiver = await endpoint();
  const clock = new ManualClock();
  const { webhookSender } = transport({ allowLoopback: true, clock, ratePerHost: 2 });
  const to = target(`${receiver.origin}/x`);
  const posts = [1, 2, 3].map(() => webhookSender.post(to, message(), never));
  await Promise.all(posts.slice(0, 2));
  expect(receiver.seen).toHaveLength(2);
  expect(webhookSender.throttledMs(to.url)).toBe(1_000);
  await clock.advance(500);
  expect(await posts[2]).toMatchObject({ kind: "answered" });
  await clock.advance(1_000);
  expect(webhookSender.throttledMs(to.url)).toBeUndefined();
  await settle();
});

test("connections of a host that rests are let go of", async () => {
  const receiver = await endpoint();
  const clock = new ManualClock();
  const { webhookSender } = transport({ allowLoopback: true, clock });
  await webhookSender.post(target(`${receiver.origin}/x`), message(), never);
  expect(receiver.connections.open).toBe(1);
  await clock.advance(120_000);
  expect(clock.pending).toBe(0);
  await until(() => receiver.connections.open === 0);
});

test("HOOK-14: closing lets no timer and no connection stay", async () => {
  const receiver = await endpoint();
  const clock = new ManualClock();
  const { webhookSender } = transport({ allowLoopback: true, clock });
  await webhookSender.post(target(`${receiver.origin}/x`), message(), never);
  await webhookSender.close();
  await until(() => receiver.connections.open === 0);
  expect(clock.pending).toBe(0);
  const late = webhookSender.post(target(`${receiver.origin}/x`), message(), never);
  expect(await late).toEqual({ kind: "cancelled" });
});
