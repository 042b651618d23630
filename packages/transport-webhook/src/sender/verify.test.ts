import { WireError } from "@mcp-events/protocol";
import { Webhook } from "standardwebhooks";
import { expect, test } from "vitest";
import { ManualClock, settle } from "../../../ordering/src/testing/manual-clock";
import type { Answer } from "../testing/endpoint";
import { closing, message, never, SECRET, target, until } from "../testing/send";

const { endpoint, transport } = closing();

const echo: Answer = (request, response) => {
  const { challenge } = JSON.parse(request.body);
  response.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify({ challenge }));
};

/** Answers the well-known document, and everything else with 404. */
function declaring(document: unknown, headers: Record<string, string> = {}): Answer {
  return ({ path }, response) => {
    if (path !== "/.well-known/mcp-webhook-receiver.json") response.writeHead(404).end();
    else response.writeHead(200, headers).end(JSON.stringify(document));
  };
}

async function failure(promise: Promise<void>): Promise<unknown> {
  const error = await promise.then(
    () => "verified",
    (reason) => reason,
  );
  return WireError.is(error) ? { error: error.error, data: error.data } : error;
}

const because = (reason: string) => ({ error: "CallbackEndpointError", data: { reason } });

test("HOOK-7, HOOK-11: the challenge is a signed control envelope, and its echo verifies", async () => {
  const receiver = await endpoint(echo);
  const { webhookSender } = transport();
  await webhookSender.verify(target(`${receiver.origin}/hooks/1`), never);
  const [seen] = receiver.seen;
  expect(receiver.seen).toHaveLength(1);
  expect(seen!.headers["webhook-id"]).toMatch(/^msg_verification_[\w-]{22}$/);
  expect(seen!.headers["x-mcp-subscription-id"]).toBe("sub_1");
  const body = new Webhook(SECRET).verify(seen!.body, seen!.headers as Record<string, string>);
  expect(body).toEqual({ type: "verification", challenge: expect.stringMatching(/^[\w-]{43}$/) });
});

test("HOOK-7: it is remembered for the pair of principal and URL, for as long as is said", async () => {
  const receiver = await endpoint(echo);
  const clock = new ManualClock();
  const { webhookSender } = transport({ allowLoopback: true, clock, verification: { ttlMs: 1_000 } });
  const to = target(`${receiver.origin}/hooks/1`);
  await webhookSender.verify(to, never);
  await webhookSender.verify({ ...to, subscriptionId: "sub_2" }, never);
  expect(receiver.seen).toHaveLength(1);
  await webhookSender.verify({ ...to, principal: "bob" }, never);
  await webhookSender.verify({ ...to, url: `${to.url}?2` }, never);
  expect(receiver.seen).toHaveLength(3);
  clock.jump(1_000);
  await webhookSender.verify(to, never);
  expect(receiver.seen).toHaveLength(4);
  const nonces = receiver.seen.map(({ body }) => JSON.parse(body).challenge);
  expect(new Set(nonces).size).toBe(4);
});

test("HOOK-7: many who ask at once share one handshake; a failed one is not remembered", async () => {
  let right = false;
  const receiver = await endpoint((request, response, socket) => {
    if (right) echo(request, response, socket);
    else response.writeHead(200).end("{}");
  });
  const { webhookSender } = transport({ allowLoopback: true, verification: { wellKnown: false } });
  const to = target(`${receiver.origin}/hooks/1`);
  const all = Array.from({ length: 20 }, () => failure(webhookSender.verify(to, never)));
  expect(new Set((await Promise.all(all)).map((one) => JSON.stringify(one)))).toEqual(
    new Set([JSON.stringify(because("challenge_failed"))]),
  );
  expect(receiver.seen).toHaveLength(1);
  right = true;
  expect(await failure(webhookSender.verify(to, never))).toBe("verified");
});

test.each<[string, Answer]>([
  ["another challenge", (_request, response) => response.end('{"challenge":"x"}')],
  ["no body", (_request, response) => response.writeHead(204).end()],
  ["no JSON", (_request, response) => response.end("ok")],
  ["JSON that is no object", (_request, response) => response.end("null")],
  ["the challenge as it came", (request, response) => response.end(JSON.parse(request.body).challenge)],
  ["404", (_request, response) => response.writeHead(404).end("secret detail")],
  ["500", (_request, response) => response.writeHead(500).end("secret detail")],
  ["an echo with 401", (request, response) => response.writeHead(401).end(request.body)],
  ["an echo beyond 4 KiB", (request, response) => response.end(request.body + " ".repeat(4_096))],
  ["a redirect", (_request, response) => response.writeHead(302, { location: "/echo" }).end()],
])(
  "HOOK-7, HOOK-14: %s for an answer is challenge_failed, and nothing of it gets out",
  async (_name, answer) => {
    const receiver = await endpoint(answer);
    const { webhookSender } = transport();
    const error = await webhookSender.verify(target(`${receiver.origin}/x`), never).catch((reason) => reason);
    expect(error.data).toEqual({ reason: "challenge_failed" });
    expect(error.message).toBe("the callback endpoint could not be verified");
    expect(receiver.seen.some(({ path }) => path === "/echo")).toBe(false);
  },
);

test("HOOK-7: an endpoint that cannot be reached is told by category", async () => {
  const gone = await endpoint();
  await gone.close();
  const plain = await endpoint();
  const mute = await endpoint(() => {});
  const clock = new ManualClock();
  const { webhookSender } = transport({ allowLoopback: true, clock });
  const verify = (url: string) => failure(webhookSender.verify(target(url), never));
  expect(await verify(`${gone.origin}/x`)).toEqual(because("connection_refused"));
  expect(await verify(`https://127.0.0.1:${plain.port}/x`)).toEqual(because("tls_error"));
  const slow = verify(`${mute.origin}/x`);
  for (const count of [1, 2]) {
    await until(() => mute.seen.length === count); // the challenge, then the document
    await clock.advance(5_000);
  }
  expect(await slow).toEqual(because("timeout"));
  expect(await verify("https://10.0.0.1/x")).toEqual({ error: "InvalidParams", data: undefined });
});

test("of a 400 MB answer to a challenge a few KiB are read", async () => {
  let written = 0;
  const receiver = await endpoint((_request, response) => {
    response.writeHead(200, { "content-length": 400_000_000 });
    const pour = () => {
      while (!response.destroyed && written < 400_000_000) {
        written += 16_000;
        if (!response.write(Buffer.alloc(16_000, 32))) return response.once("drain", pour);
      }
      return undefined;
    };
    pour();
  });
  const { webhookSender } = transport({ allowLoopback: true, verification: { wellKnown: false } });
  expect(await failure(webhookSender.verify(target(`${receiver.origin}/x`), never))).toEqual(
    because("challenge_failed"),
  );
  await until(() => receiver.connections.closed === 1);
  expect(written).toBeLessThan(16 * 1024 * 1024);
});

test("HOOK-7: what the allowlist covers is not asked, by whole segments of the path", async () => {
  const receiver = await endpoint((_request, response) => response.writeHead(404).end());
  const allow = [`${receiver.origin}/hooks`];
  const { webhookSender } = transport({ allowLoopback: true, verification: { allow, wellKnown: false } });
  const verify = (path: string) => failure(webhookSender.verify(target(receiver.origin + path), never));
  for (const path of ["/hooks", "/hooks/1", "/hooks/?a", "/x/../hooks/1"]) {
    expect(await verify(path), path).toBe("verified");
  }
  expect(receiver.seen).toEqual([]);
  for (const path of [
    "/hooksevil",
    "/",
    "/Hooks/1",
    "/hooks/../x",
    "/hooks/%2e%2e/x",
    "/hooks/..%2fx",
    "/hooks/..%5Cx",
  ]) {
    expect(await verify(path), path).toEqual(because("challenge_failed"));
  }
});

test("HOOK-7: the allowlist's origin is a whole origin", async () => {
  const resolve = async () => [];
  const allow = ["https://hooks.example.com"];
  const { webhookSender } = transport({ resolve, verification: { allow } });
  const verify = (url: string) => failure(webhookSender.verify(target(url), never));
  expect(await verify("https://hooks.example.com/any")).toBe("verified");
  for (const origin of [
    "https://hooks.example.com.evil.example",
    "https://hooks.example.com:8443",
    "https://example.com",
  ]) {
    expect(await verify(`${origin}/any`), origin).toEqual(because("connection_refused"));
  }
});

test("HOOK-7: a function allows, or the application confirms; who does neither is asked", async () => {
  const receiver = await endpoint(echo);
  const errors: string[] = [];
  const logger = { debug() {}, info() {}, warn() {}, error: (text: string) => errors.push(text) };
  const { webhookSender } = transport({
    allowLoopback: true,
    logger,
    verification: {
      allow: (_url, principal) => principal === "allowed",
      confirm: (to) => {
        if (to.principal === "broken") throw new Error("broken");
        expect(Object.keys(to).sort()).toEqual(["principal", "subscriptionId", "url"]);
        return to.principal === "confirmed";
      },
    },
  });
  const to = target(`${receiver.origin}/x`);
  for (const principal of ["allowed", "confirmed"]) await webhookSender.verify({ ...to, principal }, never);
  expect(receiver.seen).toEqual([]);
  for (const principal of ["ada", "broken"]) await webhookSender.verify({ ...to, principal }, never);
  expect(receiver.seen).toHaveLength(2);
  expect(errors).toHaveLength(1);
});

test("HOOK-7: the origin's document verifies what it declares, by whole segments, when the challenge failed", async () => {
  const receiver = await endpoint(declaring({ receivers: ["/hooks/", "/exact", 7] }));
  const { webhookSender } = transport();
  const verify = (path: string) => failure(webhookSender.verify(target(receiver.origin + path), never));
  for (const path of ["/hooks/1", "/exact", "/exact/1"]) expect(await verify(path), path).toBe("verified");
  for (const path of ["/hooksevil", "/exactly", "/", "/hooks/..%2fx", "/hooks/../x"]) {
    expect(await verify(path), path).toEqual(because("challenge_failed"));
  }
  const documents = receiver.seen.filter(({ method }) => method === "GET");
  expect(documents).toHaveLength(1);
});

test("HOOK-7: the document is kept as long as its headers say, its absence for a minute", async () => {
  const clock = new ManualClock();
  const headers: Record<string, string> = { "cache-control": "public, max-age=600" };
  let document: unknown = { receivers: ["/hooks/"] };
  const receiver = await endpoint((...args) => declaring(document, headers)(...args));
  const { webhookSender } = transport({
    allowLoopback: true,
    clock,
    verification: { perHostPerMinute: 1_000 },
  });
  let number = 0;
  const fetched = async (ms: number) => {
    clock.jump(ms);
    receiver.seen.length = 0;
    number += 1;
    await failure(webhookSender.verify(target(`${receiver.origin}/hooks/${number}`), never));
    return receiver.seen.filter(({ method }) => method === "GET").length;
  };
  expect(await fetched(0)).toBe(1);
  expect(await fetched(599_000)).toBe(0);
  headers["cache-control"] = "no-store";
  expect(await fetched(1_000)).toBe(1);
  headers["cache-control"] = "max-age=99999999";
  expect(await fetched(0)).toBe(1);
  expect(await fetched(86_399_000)).toBe(0);
  document = "none";
  expect(await fetched(1_000)).toBe(1);
  expect(await fetched(59_000)).toBe(0);
  expect(await fetched(1_000)).toBe(1);
});

test.each([
  ["redirects", 302, "{}"],
  ["is no JSON", 200, "receivers"],
  ["has no list", 200, '{"receivers":"/hooks/"}'],
  ["is larger than 16 KiB", 200, `{"receivers":["/hooks/"]}${" ".repeat(16_384)}`],
  ["has another status", 203, '{"receivers":["/hooks/"]}'],
])("HOOK-7: a document that %s counts for nothing", async (_name, status, body) => {
  const receiver = await endpoint(({ method, path }, response) => {
    if (method === "GET" && path === "/elsewhere") response.end('{"receivers":["/hooks/"]}');
    else if (method === "GET") response.writeHead(status, { location: "/elsewhere" }).end(body);
    else response.writeHead(404).end();
  });
  const { webhookSender } = transport();
  const verify = webhookSender.verify(target(`${receiver.origin}/hooks/1`), never);
  expect(await failure(verify)).toEqual(because("challenge_failed"));
  expect(receiver.seen.map(({ path }) => path)).not.toContain("/elsewhere");
});

test("HOOK-7: the document can be turned off", async () => {
  const receiver = await endpoint(declaring({ receivers: ["/"] }));
  const { webhookSender } = transport({ allowLoopback: true, verification: { wellKnown: false } });
  const verify = webhookSender.verify(target(`${receiver.origin}/hooks/1`), never);
  expect(await failure(verify)).toEqual(because("challenge_failed"));
  expect(receiver.seen).toHaveLength(1);
});

test("HOOK-7: challenges to one host are limited; other hosts and verified pairs are not", async () => {
  const receiver = await endpoint(echo);
  const other = await endpoint(echo, { host: "127.0.0.2" });
  const clock = new ManualClock();
  const { webhookSender } = transport({ allowLoopback: true, clock, verification: { perHostPerMinute: 3 } });
  const verify = (url: string) => failure(webhookSender.verify(target(url), never));
  for (const path of ["/1", "/2", "/3"]) expect(await verify(receiver.origin + path)).toBe("verified");
  const limited = { error: "ResourceExhausted", data: { limit: "verifications", max: 3 } };
  expect(await verify(`${receiver.origin}/4`)).toEqual(limited);
  expect(await verify(`${receiver.origin}/1`)).toBe("verified");
  expect(await verify(`${other.origin}/1`)).toBe("verified");
  clock.jump(20_000);
  expect(await verify(`${receiver.origin}/4`)).toBe("verified");
  expect(await verify(`${receiver.origin}/5`)).toEqual(limited);
  expect(receiver.seen).toHaveLength(4);
});

test("HOOK-7: who leaves is let go at once; the handshake goes on for the others and ends with the last", async () => {
  const receiver = await endpoint(() => {});
  const { webhookSender } = transport();
  const to = target(`${receiver.origin}/x`);
  const [one, two] = [new AbortController(), new AbortController()];
  const first = failure(webhookSender.verify(to, one.signal));
  const second = failure(webhookSender.verify(to, two.signal));
  await until(() => receiver.seen.length === 1);
  one.abort("left");
  expect(await first).toBe("left");
  await settle();
  expect(receiver.connections.closed).toBe(0);
  two.abort("left too");
  expect(await second).toBe("left too");
  await until(() => receiver.connections.closed === 1);
  expect(await failure(webhookSender.verify(to, AbortSignal.abort("late")))).toBe("late");
  const again = new AbortController();
  void failure(webhookSender.verify(to, again.signal));
  await until(() => receiver.seen.length === 2);
});

test("a handshake that was broken off does not end the sharing of the next one", async () => {
  const receiver = await endpoint(() => {});
  const { webhookSender } = transport();
  const to = target(`${receiver.origin}/x`);
  const cancel = new AbortController();
  void failure(webhookSender.verify(to, cancel.signal));
  cancel.abort();
  void failure(webhookSender.verify(to, never));
  await settle(); // the first one's end is known now
  void failure(webhookSender.verify(to, never));
  await until(() => receiver.seen.length > 0);
  for (let turn = 0; turn < 100; turn += 1) await settle();
  expect(receiver.seen).toHaveLength(1);
});

test("HOOK-7: posts that wait for a slow host hold up no verification there", async () => {
  const receiver = await endpoint((request, response, socket) => {
    if (request.body.includes("verification")) echo(request, response, socket);
  });
  const { webhookSender } = transport({ allowLoopback: true, maxPerHost: 2 });
  for (let index = 0; index < 100; index += 1) {
    void webhookSender.post(target(`${receiver.origin}/x`), message(), never);
  }
  await until(() => receiver.seen.length === 2);
  expect(await failure(webhookSender.verify(target(`${receiver.origin}/x`), never))).toBe("verified");
});
