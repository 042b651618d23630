import { describe, expect, it } from "vitest";
import { EVERYTHING_DEFAULTS } from "../src/options";
import { connect, startApp } from "./support/app";
import { Hook, isVerified, secretOf, verified } from "./support/hook";
import { callTool, type Peer, type Raw, result } from "./support/json-rpc";
import { LINES } from "./support/webhook-app";

const NAME = "hookonly.pinged";
const TOKENS = { alice: "alice-token", bob: "bob-token" };
const SECRETS = { alice: secretOf("a"), bob: secretOf("b") };
type Principal = keyof typeof TOKENS;

/** Alice and bob at one server, with one endpoint. */
async function two({ sdk, dialect }: (typeof LINES)[number]) {
  const webhooks = { ...EVERYTHING_DEFAULTS.webhooks, firstRetryMs: 10, retryFactor: 1 };
  const { url } = await startApp({ sdk, allowLoopbackWebhooks: true, webhooks });
  const peers = {
    alice: await connect(url, { dialect, token: TOKENS.alice }),
    bob: await connect(url, { dialect, token: TOKENS.bob }),
  };
  const hook = await Hook.listen();
  const subscribe = (whom: Principal, rest: object = {}): Promise<Raw> =>
    result(peers[whom], "events/subscribe", {
      name: NAME,
      delivery: { mode: "webhook", url: hook.url(), secret: SECRETS[whom] },
      ...rest,
    });
  const unsubscribe = (peer: Peer, name = NAME) =>
    peer.request("events/unsubscribe", { name, delivery: { url: hook.url() } });
  const emit = (count: number, args: object = {}) =>
    callTool(peers.alice, "emit", { name: NAME, count, ...args });
  return { url, peers, hook, subscribe, unsubscribe, emit };
}

describe.each(LINES)("two principals at one URL: sdk $sdk", (pairing) => {
  it("[pitfall 35] HOOK-3 HOOK-9: each gets each event once, signed with the own secret, under the own id", async () => {
    const { hook, subscribe, emit } = await two(pairing);
    const ids = { alice: (await subscribe("alice")).id, bob: (await subscribe("bob")).id };
    await emit(5);
    for (let count = 0; count < 10; count += 1) await hook.next();
    for (const [whom, other] of [
      ["alice", "bob"],
      ["bob", "alice"],
    ] as const) {
      const own = hook.posts.filter(({ headers }) => headers["x-mcp-subscription-id"] === ids[whom]);
      expect(own.map(({ body }) => body.data.n)).toEqual([1, 2, 3, 4, 5]);
      for (const posted of own) {
        verified(SECRETS[whom], posted);
        expect(isVerified(SECRETS[other], posted)).toBe(false);
      }
    }
  });

  it("[pitfall 35] HOOK-17 HOOK-4: neither ends nor refreshes the other's", async () => {
    const { peers, hook, subscribe, unsubscribe, emit } = await two(pairing);
    const { id } = await subscribe("alice");
    const { error } = await unsubscribe(peers.bob);
    expect(error).toMatchObject({ code: -32023, data: { kind: "subscription" } });
    await subscribe("bob");
    expect((await unsubscribe(peers.bob)).error).toBeUndefined();
    await emit(2);
    expect(await hook.numbers(2)).toEqual([1, 2]);
    for (const posted of hook.posts) {
      expect(posted.headers["x-mcp-subscription-id"]).toBe(id);
      expect(posted.headers["webhook-signature"]?.split(" ")).toHaveLength(1);
      verified(SECRETS.alice, posted);
    }
  });

  it("AUTH-2: revoking one leaves the other; restored, a subscription begins anew", async () => {
    const { peers, hook, subscribe, emit } = await two(pairing);
    await subscribe("alice");
    const { id } = await subscribe("bob");
    await callTool(peers.alice, "revoke", { principal: "bob", name: NAME });
    const end = await hook.next();
    expect(end.headers["x-mcp-subscription-id"]).toBe(id);
    expect(end.headers["webhook-id"]).toMatch(/^msg_terminated_/);
    verified(SECRETS.bob, end);
    await emit(1);
    verified(SECRETS.alice, await hook.next());
    await callTool(peers.alice, "restore", { principal: "bob", name: NAME });
    expect((await subscribe("bob")).id).toBe(id);
    await emit(1);
    await hook.next();
    await hook.next();
    expect(hook.posts.filter((posted) => isVerified(SECRETS.bob, posted))).toHaveLength(2);
    expect(hook.posts).toHaveLength(4);
  });

  it("AUTH-1: what is alice's alone is delivered to alice alone", async () => {
    const { peers, hook, subscribe, emit } = await two(pairing);
    const name = "secret.created";
    await subscribe("alice", { name });
    await expect(subscribe("bob", { name })).rejects.toThrow(/-32024/);
    await subscribe("bob");
    await emit(1, { name, data: { code: 7 } });
    await emit(1);
    await hook.next();
    await hook.next();
    const names = (whom: Principal) =>
      hook.posts.filter((posted) => isVerified(SECRETS[whom], posted)).map(({ body }) => body.name);
    expect([names("alice"), names("bob")]).toEqual([[name], [NAME]]);
    const { webhooks } = await callTool(peers.alice, "webhooks");
    expect(JSON.stringify(webhooks)).not.toContain("whsec_");
  });

  it("AUTH-3: one webhook subscription too many is ResourceExhausted, a refresh is not", async () => {
    const { url } = await startApp({
      sdk: pairing.sdk,
      allowLoopbackWebhooks: true,
      subscriptionsPerPrincipal: 2,
    });
    const peer = await connect(url, { dialect: pairing.dialect, token: TOKENS.bob });
    const hook = await Hook.listen();
    const ask = (path: string) =>
      peer.request("events/subscribe", {
        name: NAME,
        delivery: { mode: "webhook", url: hook.url(path), secret: SECRETS.bob },
      });
    for (const path of ["/1", "/2", "/1"]) expect((await ask(path)).error).toBeUndefined();
    expect((await ask("/3")).error).toMatchObject({ code: -32025, data: { max: 2 } });
  });
});
