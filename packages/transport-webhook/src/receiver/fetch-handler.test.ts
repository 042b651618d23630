import type { DeliveryOutcome, JsonObject } from "@mcp-events/protocol";
import { expect, test, vi } from "vitest";
import { fetchHandler } from "./fetch-handler";
import { webhookReceiver } from "./receiver";
import { delivery, event, manualClock } from "./testing/deliveries";

async function opened(maxBodyBytes = 10_000) {
  const receiver = webhookReceiver({ url: "https://me.example/hooks/", clock: manualClock(), maxBodyBytes });
  const take = vi.fn(async (_: JsonObject): Promise<DeliveryOutcome> => "accepted");
  const callback = await receiver.open({ key: "a", take });
  callback.settle("sub_1");
  const request = async (body: object, sent?: BodyInit) => {
    const made = await delivery(callback, { body });
    const headers = made.headers as Record<string, string>;
    const init = { method: "POST", headers, body: sent ?? (made.body as BodyInit), duplex: "half" };
    return new Request(callback.url, init as RequestInit);
  };
  return { receiver, take, callback, request };
}

test("HOOK-18: a web-standard handler takes deliveries and answers challenges", async () => {
  const { receiver, take, request } = await opened();
  const handler = fetchHandler(receiver);
  const answer = await handler(await request(event("e1")));
  expect([answer.status, await answer.text()]).toEqual([200, ""]);
  expect(take).toHaveBeenCalledExactlyOnceWith(event("e1"));
  const challenge = await handler(await request({ type: "verification", challenge: "c-1" }));
  expect(challenge.headers.get("content-type")).toBe("application/json");
  expect(await challenge.json()).toEqual({ challenge: "c-1" });
  const document = await handler(new Request("https://me.example/.well-known/mcp-webhook-receiver.json"));
  expect(await document.json()).toEqual({ receivers: ["/hooks/"] });
});

test("what is not the receiver's is somebody else's, or 404", async () => {
  const { receiver } = await opened();
  const other = new Request("https://me.example/other");
  expect((await fetchHandler(receiver)(other)).status).toBe(404);
  const next = () => new Response("the application");
  expect(await (await fetchHandler(receiver, { next })(other)).text()).toBe("the application");
});

test("an endless body is read no further than the bound, and cancelled", async () => {
  const { receiver, request, take } = await opened(1_000);
  let pulled = 0;
  const cancel = vi.fn();
  const endless = new ReadableStream<Uint8Array>({
    cancel,
    pull(controller) {
      pulled += 1;
      controller.enqueue(new Uint8Array(100));
    },
  });
  const answer = await fetchHandler(receiver)(await request(event("e1"), endless));
  expect(answer.status).toBe(413);
  expect(pulled).toBeLessThan(20);
  expect(cancel).toHaveBeenCalledOnce();
  expect(take).not.toHaveBeenCalled();
});

test("a body that breaks off is answered 400", async () => {
  const { receiver, request } = await opened();
  const broken = new ReadableStream<Uint8Array>({
    pull(controller) {
      controller.error(new Error("gone"));
    },
  });
  expect((await fetchHandler(receiver)(await request(event("e1"), broken))).status).toBe(400);
});
