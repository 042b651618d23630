import { createPrivateKey, generateKeyPairSync } from "node:crypto";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { EventsError, WELL_KNOWN } from "@mcp-events/protocol";
import { expect, onTestFinished, test } from "vitest";
import { generateIdentityKey, type IdentityKey } from "./identity";
import type { WebhookSenderOptions } from "./options";
import { webhook } from "./webhook";

function warned(options: WebhookSenderOptions): unknown[] {
  const warnings: unknown[] = [];
  const logger = { debug() {}, info() {}, warn: (text: string) => warnings.push(text), error() {} };
  const { webhookSender } = webhook({ ...options, logger });
  for (const url of ["https://example.com/1", "https://example.com/2"]) webhookSender.requireUrl(url);
  return warnings;
}

test("HOOK-5, HOOK-15: each development switch warns once a sender; without one there is no warning", () => {
  expect(warned({})).toEqual([]);
  expect(warned({ allowLoopback: true })).toHaveLength(1);
  expect(warned({ allowHosts: ["hooks.corp"] })).toHaveLength(1);
  expect(warned({ allowLoopback: true, allowHosts: ["hooks.corp"] })).toHaveLength(1);
});

test("HOOK-5: by default plain http and loopback are refused", () => {
  const { webhookSender, connect, name } = webhook();
  expect(() => webhookSender.requireUrl("http://example.com/x")).toThrow("https");
  expect(() => webhookSender.requireUrl("https://localhost/x")).toThrow("public address");
  expect(name).toBe("webhook");
  expect(connect({ send: async () => {}, close: async () => {} }, { close: async () => {} })).toBeUndefined();
});

test("HOOK-15: named hosts are compared as the URL parser spells them", () => {
  const { webhookSender } = webhook({ allowHosts: ["HOOKS.Corp", "fd00::1", "[fd00::2]", "0x0a.1"] });
  for (const host of ["hooks.corp", "[fd00::1]", "[FD00:0::2]", "10.0.0.1"]) {
    expect(() => webhookSender.requireUrl(`https://${host}/x`), host).not.toThrow();
  }
  expect(() => webhookSender.requireUrl("https://[fd00::3]/x")).toThrow("public address");
});

test.each<[string, WebhookSenderOptions]>([
  ["timeoutMs", { timeoutMs: 0 }],
  ["timeoutMs", { timeoutMs: 2 ** 31 }],
  ["maxPerHost", { maxPerHost: 1.5 }],
  ["maxPerHost", { maxPerHost: 10, maxTotal: 5 }],
  ["maxTotal", { maxTotal: Number.NaN }],
  ["ratePerHost", { ratePerHost: 0 }],
  ["userAgent", { userAgent: "a\r\nb" }],
  ["allowHosts", { allowHosts: ["hooks.corp:8443"] }],
  ["allowHosts", { allowHosts: ["https://hooks.corp"] }],
  ["allowHosts", { allowHosts: [""] }],
  ["verification.ttlMs", { verification: { ttlMs: -1 } }],
  ["verification.perHostPerMinute", { verification: { perHostPerMinute: 0 } }],
  ["verification.allow", { verification: { allow: ["/hooks"] } }],
])("HOOK-12: a wrong %s is refused by name", (option, options) => {
  let error: unknown;
  try {
    webhook(options);
  } catch (thrown) {
    error = thrown;
  }
  expect(EventsError.is(error) && error.code).toBe("option_invalid");
  expect(String(error)).toContain(`webhook: ${option} `);
});

test("HOOK-12: a total below the places of one host lowers those; options given as undefined are the defaults", () => {
  expect(() => webhook({ maxTotal: 8 })).not.toThrow();
  expect(() => webhook({ verification: { ttlMs: undefined, perHostPerMinute: undefined } })).not.toThrow();
});

test("HOOK-16: all keys are published, none of their private parts; rotation replaces them", () => {
  const [old, fresh] = [generateIdentityKey("old"), generateIdentityKey("new")];
  const jwk = createPrivateKey(old.privateKey).export({ format: "jwk" });
  const transport = webhook({ identity: { keys: [{ kid: "old", privateKey: jwk }, fresh] } });
  const published = { kty: "OKP", crv: "Ed25519", use: "sig", alg: "EdDSA", kid: "old", x: jwk.x };
  expect(transport.jwks().keys[0]).toEqual(published);
  expect(transport.jwks().keys.map(({ kid }) => kid)).toEqual(["old", "new"]);
  transport.setKeys([fresh]);
  expect(transport.jwks().keys.map(({ kid }) => kid)).toEqual(["new"]);
  transport.setKeys([{ kid: "object", privateKey: createPrivateKey(old.privateKey) }]);
  expect(transport.jwks().keys.map(({ x }) => x)).toEqual([jwk.x]);
  expect(webhook().jwks()).toEqual({ keys: [] });
});

const rsa = generateKeyPairSync("rsa", { modulusLength: 2048 }).privateKey;
const pair = generateKeyPairSync("ed25519");

test.each<[string, IdentityKey[]]>([
  ["another kind", [{ kid: "k", privateKey: rsa }]],
  ["a public key", [{ kid: "k", privateKey: pair.publicKey }]],
  ["a public JWK", [{ kid: "k", privateKey: pair.publicKey.export({ format: "jwk" }) }]],
  ["no key", [{ kid: "k", privateKey: "nonsense" }]],
  ["a kid given twice", [generateIdentityKey("k"), generateIdentityKey("k")]],
])("HOOK-16: %s is refused, and the keys stay as they were", (_name, keys) => {
  const transport = webhook({ identity: { keys: [generateIdentityKey("good")] } });
  expect(() => transport.setKeys(keys)).toThrow(EventsError);
  expect(() => webhook({ identity: { keys } })).toThrow("identity");
  expect(transport.jwks().keys.map(({ kid }) => kid)).toEqual(["good"]);
});

test("HOOK-16: the well-known path is served by Node and by web-standard servers, with a time to keep it", async () => {
  const transport = webhook({ identity: { keys: [generateIdentityKey("one")] } });
  const server = createServer((request, response) => transport.jwksHandler(request, response));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => {
    server.close();
  });
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const answers = [
    await fetch(`${origin}${WELL_KNOWN.jwks}?x`),
    transport.jwksFetch(new Request(`https://x.example${WELL_KNOWN.jwks}?x`))!,
  ];
  for (const answer of answers) {
    expect(answer.status).toBe(200);
    expect(answer.headers.get("content-type")).toBe("application/jwk-set+json");
    expect(answer.headers.get("cache-control")).toBe("public, max-age=300");
    expect(await answer.json()).toEqual(transport.jwks());
  }
  expect(await (await fetch(`${origin}${WELL_KNOWN.jwks}`, { method: "HEAD" })).text()).toBe("");
  expect((await fetch(`${origin}${WELL_KNOWN.jwks}`, { method: "POST" })).status).toBe(404);
  expect((await fetch(`${origin}/other`)).status).toBe(404);
  expect(transport.jwksFetch(new Request("https://x.example/other"))).toBeUndefined();
  let passed = 0;
  const next = () => {
    passed += 1;
  };
  const other = createServer((request, response) => {
    transport.jwksHandler(request, response, next);
    if (!response.writableEnded) response.end("mine");
  });
  await new Promise<void>((resolve) => other.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => {
    other.close();
  });
  const mine = await fetch(`http://127.0.0.1:${(other.address() as AddressInfo).port}/other`);
  expect(await mine.text()).toBe("mine");
  expect(passed).toBe(1);
});
