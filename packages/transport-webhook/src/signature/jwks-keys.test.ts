import { describe, expect, test } from "vitest";
import { manualClock, START } from "../receiver/testing/deliveries";
import { type JwksOptions, jwksKeys } from "./jwks-keys";
import { fixedKeys } from "./public-keys";
import { signWebhook } from "./sign-webhook";
import { signedContent } from "./signed-content";
import { verifyWebhook } from "./verify-webhook";

const URL_JWKS = "https://server.example/.well-known/mcp-webhook-jwks.json";
const SECRET = "whsec_BwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwc=";
const TIMESTAMP = START / 1_000;

async function identity(kid: string) {
  const pair = (await crypto.subtle.generateKey({ name: "Ed25519" }, true, [
    "sign",
    "verify",
  ])) as CryptoKeyPair;
  const { x } = await crypto.subtle.exportKey("jwk", pair.publicKey);
  const jwk = { kty: "OKP", crv: "Ed25519", use: "sig", kid, x };
  const sign = async (body: string) => {
    const signature = await crypto.subtle.sign(
      "Ed25519",
      pair.privateKey,
      signedContent("e1", TIMESTAMP, body),
    );
    return `v1a,${btoa(String.fromCharCode(...new Uint8Array(signature)))}`;
  };
  return { jwk, sign };
}

/** A server's key document, and how often it was asked for. */
function published(options: Partial<JwksOptions> = {}) {
  const clock = manualClock();
  const server = { keys: [] as object[], asked: 0, status: 200 };
  const fetch = async () => {
    server.asked += 1;
    return new Response(JSON.stringify({ keys: server.keys }), { status: server.status });
  };
  return { clock, server, keys: jwksKeys({ url: URL_JWKS, fetch, clock, ...options }) };
}

async function verified(
  keys: ReturnType<typeof jwksKeys>,
  identitySignature: string | undefined,
  requireIdentity?: boolean,
) {
  const hmac = await signWebhook({ id: "e1", timestamp: TIMESTAMP, body: "{}", secret: SECRET });
  const headers = {
    "webhook-id": "e1",
    "webhook-timestamp": String(TIMESTAMP),
    "webhook-signature": identitySignature === undefined ? hmac : `${hmac} ${identitySignature}`,
  };
  const body = new TextEncoder().encode("{}");
  const options = { secrets: [SECRET], headers, body, now: START, publicKeys: keys, requireIdentity };
  const result = await verifyWebhook(options);
  return result.ok ? "ok" : result.reason;
}

describe("HOOK-16: the server's own signature", () => {
  test("is required once its keys are known, and may be left out only where that is said", async () => {
    const { jwk, sign } = await identity("a");
    const keys = fixedKeys({ keys: [jwk] });
    expect(await verified(keys, await sign("{}"))).toBe("ok");
    expect(await verified(keys, undefined)).toBe("bad_identity");
    expect(await verified(keys, undefined, false)).toBe("ok");
    expect(await verified(keys, await sign("{ }"), false)).toBe("bad_identity");
    const stranger = await identity("b");
    expect(await verified(keys, await stranger.sign("{}"))).toBe("bad_identity");
  });

  test("keys are asked for only once the secret's signature fits", async () => {
    const { keys, server } = published();
    const headers = {
      "webhook-id": "e1",
      "webhook-timestamp": String(TIMESTAMP),
      "webhook-signature": "v1,AAAA v1a,AAAA",
    };
    const options = { secrets: [SECRET], headers, body: new Uint8Array(), now: START, publicKeys: keys };
    expect(await verifyWebhook(options)).toEqual({ ok: false, reason: "bad_signature" });
    expect(server.asked).toBe(0);
  });

  test("keys are fetched once, again after their time, and once a minute for a key that is not known", async () => {
    const [old, fresh, stranger] = await Promise.all([identity("1"), identity("2"), identity("3")]);
    const { keys, server, clock } = published();
    server.keys = [old.jwk, { kty: "RSA", n: "x" }, { ...old.jwk, use: "enc" }, "nonsense"] as object[];
    expect(
      await Promise.all([verified(keys, await old.sign("{}")), verified(keys, await old.sign("{}"))]),
    ).toEqual(["ok", "ok"]);
    expect(server.asked).toBe(1);

    server.keys = [fresh.jwk, old.jwk];
    expect(await verified(keys, await fresh.sign("{}"))).toBe("bad_identity");
    expect(server.asked).toBe(1);
    clock.jump(60_000);
    expect(await verified(keys, await fresh.sign("{}"))).toBe("ok");
    expect(await verified(keys, await old.sign("{}"))).toBe("ok");
    expect(server.asked).toBe(2);
    for (let count = 0; count < 5; count += 1) {
      expect(await verified(keys, await stranger.sign("{}"))).toBe("bad_identity");
    }
    expect(server.asked).toBe(2);

    server.keys = [fresh.jwk];
    clock.jump(60 * 60_000);
    expect(await verified(keys, await old.sign("{}"))).toBe("bad_identity");
    expect(server.asked).toBe(3);
  });

  test("keys that cannot be had make it a matter of sending again, and are not asked for at once", async () => {
    const { jwk, sign } = await identity("a");
    const { keys, server, clock } = published();
    server.keys = [jwk];
    server.status = 302;
    expect(await verified(keys, await sign("{}"))).toBe("identity_unavailable");
    expect(await verified(keys, await sign("{}"))).toBe("identity_unavailable");
    expect(server.asked).toBe(1);
    server.status = 200;
    clock.jump(5_000);
    expect(await verified(keys, await sign("{}"))).toBe("ok");
  });

  test("a key document that is endless or not one is given up", async () => {
    let pulled = 0;
    const chunk = new Uint8Array(1_024).fill(32);
    const endless = () =>
      new ReadableStream<Uint8Array>({
        pull(controller) {
          pulled += 1;
          controller.enqueue(chunk);
        },
      });
    const { keys } = published({ fetch: async () => new Response(endless()) });
    expect(await keys.current()).toBeUndefined();
    expect(pulled).toBeLessThan(80);
    const text = published({ fetch: async () => new Response("[]") });
    expect(await text.keys.current()).toBeUndefined();
  });

  test("a fetch that never answers is given up in time, whether or not it listens to its signal", async () => {
    let signal: AbortSignal | null | undefined;
    const { keys, clock } = published({
      fetch: (_, init) => {
        signal = init.signal;
        return new Promise(() => {});
      },
    });
    const asking = keys.current();
    await clock.advance(3_000);
    expect(await asking).toBeUndefined();
    expect(signal?.aborted).toBe(true);
    expect(clock.pending).toBe(0);
  });

  test("keys come from https, or from the own machine", () => {
    for (const url of ["http://server.example/", "file:///keys", "nonsense"]) {
      expect(() => jwksKeys({ url })).toThrow(expect.objectContaining({ code: "option_invalid" }));
    }
    for (const url of ["http://127.0.0.1:1/", "http://[::1]/", "http://localhost/"]) jwksKeys({ url });
    expect(() => fixedKeys({ keys: [{ kty: "RSA" }] })).toThrow(
      expect.objectContaining({ code: "option_invalid" }),
    );
  });
});
