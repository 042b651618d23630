import type { DeliveryOutcome, JsonObject, WebhookTarget } from "@mcp-events/protocol";
import { afterEach, describe, expect, test, vi } from "vitest";
import { generateIdentityKey } from "../sender/identity";
import type { WebhookSenderOptions } from "../sender/options";
import { type WebhookTransport, webhook } from "../sender/webhook";
import { jwksKeys } from "../signature/jwks-keys";
import { nodeHandler } from "./node-handler";
import { type WebhookReceiverHandle, webhookReceiver } from "./receiver";
import type { WebhookReceiverOptions } from "./receiver-options";
import { event } from "./testing/deliveries";
import { startServer } from "./testing/node-server";

const closing: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

/** Our sender and our receiver over a real socket. */
async function pair(sending: WebhookSenderOptions = {}, receiving: Partial<WebhookReceiverOptions> = {}) {
  let receiver: WebhookReceiverHandle | undefined;
  let transport: WebhookTransport | undefined;
  const server = await startServer((req, res) => {
    if (req.url?.endsWith("jwks.json")) transport?.jwksHandler(req, res);
    else if (receiver !== undefined) nodeHandler(receiver)(req, res);
  });
  closing.push(server.close);
  const verification = { wellKnown: false };
  transport = webhook({ allowLoopback: true, verification, ...sending });
  closing.push(() => transport?.close() ?? Promise.resolve());
  receiver = webhookReceiver({ url: `${server.origin}/hooks/`, ...receiving });
  const take = vi.fn(async (_: JsonObject): Promise<DeliveryOutcome> => "accepted");
  const callback = await receiver.open({ key: "a", take });
  const sender = transport.webhookSender;
  const target = (secrets: string[] = [callback.secret]): WebhookTarget => {
    return { url: callback.url, principal: "ann", subscriptionId: "sub_1", secrets };
  };
  const { signal } = new AbortController();
  const post = (secrets?: string[]) => {
    return sender.post(target(secrets), () => ({ id: "e1", body: JSON.stringify(event("e1")) }), signal);
  };
  return { server, transport, callback, take, sender, target, post, signal };
}

describe("our sender and our receiver", () => {
  test("HOOK-7 HOOK-8 HOOK-9: the challenge is answered before subscribe is, then events are taken", async () => {
    const { sender, target, signal, callback, post, take } = await pair();
    await sender.verify(target(), signal);
    callback.settle("sub_1");
    expect(await post()).toMatchObject({ kind: "answered", status: 200 });
    expect(take).toHaveBeenCalledExactlyOnceWith(event("e1"));
  });

  test("HOOK-7: the receiver's own document is proof enough", async () => {
    const { sender, target, signal, callback } = await pair({ verification: { wellKnown: true } });
    callback.close();
    await expect(sender.verify(target(), signal)).resolves.toBeUndefined();
  });

  test("HOOK-4: secrets rotate in mid-flight", async () => {
    const { callback, post } = await pair({}, { graceMs: 0 });
    callback.settle("sub_1");
    const old = callback.secret;
    const fresh = callback.rotate();
    const statuses = await Promise.all([post([old]), post([fresh, old]), post([fresh])]);
    expect(statuses).toMatchObject([{ status: 200 }, { status: 200 }, { status: 200 }]);
    callback.settle("sub_1");
    expect(await post([fresh, old])).toMatchObject({ status: 200 });
    expect(await post([old])).toMatchObject({ status: 401 });
  });

  test("HOOK-16: the server's own signature is checked against the keys it publishes", async () => {
    const key = generateIdentityKey("2026-01");
    let origin = "";
    const identity = jwksKeys({
      url: "https://server.example/.well-known/mcp-webhook-jwks.json",
      fetch: (url, init) => fetch(origin + new URL(url).pathname, init),
    });
    const { server, callback, post, transport } = await pair({ identity: { keys: [key] } }, { identity });
    origin = server.origin;
    callback.settle("sub_1");
    expect(await post()).toMatchObject({ status: 200 });
    // A key that the published document did not have when it was read, less than a minute ago.
    transport.setKeys([generateIdentityKey("2026-02")]);
    expect(await post()).toMatchObject({ status: 401 });
    transport.setKeys([key]);
    expect(await post()).toMatchObject({ status: 200 });
  });
});
