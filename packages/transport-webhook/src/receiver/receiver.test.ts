import type { DeliveryOutcome, Logger } from "@mcp-events/protocol";
import { describe, expect, test, vi } from "vitest";
import { settle } from "../../../ordering/src/testing/manual-clock";
import { webhookReceiver } from "./receiver";
import { delivery, encoder, event, START } from "./testing/deliveries";
import { opened } from "./testing/opened";

const URL_BASE = "https://me.example/hooks/";

describe("callbacks", () => {
  test("HOOK-8: each subscription has a path and a secret of its own before subscribe is called", async () => {
    const { receiver, callback } = await opened();
    const other = await receiver.open({ key: "b", take: async () => "accepted" });
    expect(callback.url).toMatch(/^https:\/\/me\.example\/hooks\/[0-9a-f]{32}$/);
    expect(callback.secret).toMatch(/^whsec_/);
    expect(other.url).not.toBe(callback.url);
    expect(other.secret).not.toBe(callback.secret);
  });

  test("the same key has the same URL in the next process, whatever slash the base ends in", async () => {
    const { callback } = await opened();
    const { callback: again } = await opened({ url: "https://me.example/hooks" });
    expect(again.url).toBe(callback.url);
    expect(again.secret).not.toBe(callback.secret);
  });

  test("a key is open once; after close it can be opened again", async () => {
    const { receiver, callback } = await opened();
    const options = { key: "a", take: async () => "accepted" as const };
    await expect(receiver.open(options)).rejects.toMatchObject({ code: "option_invalid" });
    callback.close();
    const again = await receiver.open(options);
    callback.close();
    const { status } = await receiver.handle(await delivery(again, { body: event("e1") }));
    expect(status).toBe(200);
  });

  test("two calls of open with one key at once: one of them is refused", async () => {
    const { receiver } = await opened();
    const options = { key: "twice", take: async () => "accepted" as const };
    const both = await Promise.allSettled([receiver.open(options), receiver.open(options)]);
    expect(both.map(({ status }) => status)).toEqual(["fulfilled", "rejected"]);
  });

  test("one callback's secret does not sign for another", async () => {
    const { receiver, callback, take } = await opened();
    const other = await receiver.open({ key: "b", take: async () => "accepted" });
    callback.settle("sub_1");
    const forged = await delivery(callback, { body: event("e1"), secrets: [other.secret] });
    expect((await receiver.handle(forged)).status).toBe(401);
    expect(take).not.toHaveBeenCalled();
  });
});

describe("answers", () => {
  test("HOOK-18: an event is answered 2xx once it was taken", async () => {
    const { receiver, callback, take } = await opened();
    callback.settle("sub_1");
    const answer = await receiver.handle(await delivery(callback, { body: event("e1") }));
    expect(answer).toMatchObject({ status: 200, outcome: { kind: "accepted" } });
    expect(take).toHaveBeenCalledExactlyOnceWith(event("e1"));
  });

  test("HOOK-18: what the taker cannot take now, or fails at, is answered 503", async () => {
    const error = vi.fn();
    const logger = { debug() {}, info() {}, warn() {}, error } satisfies Logger;
    const { receiver, callback, take } = await opened({ logger });
    take.mockResolvedValueOnce("retry");
    const first = await receiver.handle(await delivery(callback, { body: event("e1") }));
    expect(first).toMatchObject({ status: 503, outcome: { kind: "retry", reason: "refused" } });
    take.mockImplementationOnce(() => {
      throw new Error("broken");
    });
    const second = await receiver.handle(await delivery(callback, { body: event("e1") }));
    expect(second).toMatchObject({ status: 503, outcome: { kind: "retry", reason: "failed" } });
    expect(error).toHaveBeenCalledOnce();
    expect(JSON.stringify(error.mock.calls)).not.toContain(callback.secret);
  });

  test("HOOK-18: a taker that is slow is answered 503 in time", async () => {
    const { receiver, callback, take, clock } = await opened({ answerWithinMs: 4_000 });
    take.mockReturnValueOnce(new Promise(() => {}));
    const answering = receiver.handle(await delivery(callback, { body: event("e1") }));
    await vi.waitFor(() => expect(take).toHaveBeenCalledOnce());
    await clock.advance(3_999);
    let answered = false;
    void answering.then(() => {
      answered = true;
    });
    await settle();
    expect(answered).toBe(false);
    await clock.advance(1);
    expect(await answering).toMatchObject({ status: 503, outcome: { reason: "timed_out" } });
    expect(clock.pending).toBe(0);
  });

  test("HOOK-9: webhook-id is the event's id, or a message's of its own", async () => {
    const { receiver, callback } = await opened();
    const status = async (id: string) =>
      (await receiver.handle(await delivery(callback, { body: event("e1"), id }))).status;
    expect(await status("e1")).toBe(200);
    expect(await status("msg_2KWPBgLlAfxdpx2AI54pPJ85f4W")).toBe(200);
    expect(await status("e2")).toBe(400);
  });

  test("HOOK-11: gap and terminated reach the taker as they are, null cursor and all; an unknown type is acknowledged", async () => {
    const { receiver, callback, take } = await opened();
    const bodies = [
      { type: "gap", cursor: null },
      { type: "gap", cursor: "c9" },
      { type: "terminated", error: { code: -32024, message: "no more" } },
    ];
    for (const body of bodies) {
      expect((await receiver.handle(await delivery(callback, { body }))).status).toBe(200);
    }
    const later = await receiver.handle(await delivery(callback, { body: { type: "later", eventId: "x" } }));
    expect(later).toMatchObject({ status: 200, outcome: { kind: "ignored", type: "later" } });
    expect(take.mock.calls.map(([body]) => body)).toEqual(bodies);
  });

  test.each([
    ["no JSON", "{"],
    ["no object", "[1]"],
    ["null", "null"],
    ["no event", JSON.stringify({ eventId: "e1", name: "note" })],
    ["a cursor that is no cursor", JSON.stringify({ ...event("e1"), cursor: 5 })],
    ["a type that is no text", JSON.stringify({ ...event("e1"), type: 5 })],
    ["an error that is none", JSON.stringify({ type: "terminated", error: "gone" })],
  ])("HOOK-18: a signed body that is malformed is answered 400: %s", async (_, body) => {
    const { receiver, callback, take } = await opened();
    const answer = await receiver.handle(await delivery(callback, { body, id: "e1" }));
    expect(answer).toMatchObject({ status: 400, outcome: { reason: "malformed_body" } });
    expect(take).not.toHaveBeenCalled();
  });

  test("HOOK-18: bytes that are not UTF-8 are answered 400", async () => {
    const { receiver, callback } = await opened();
    const request = await delivery(callback, { body: event("e1") });
    const timestamp = START / 1_000;
    const body = Uint8Array.of(0x22, 0xff, 0x22);
    const { signWebhook } = await import("../signature/sign-webhook");
    const signature = await signWebhook({ id: "e1", timestamp, body, secret: callback.secret });
    const headers = { ...request.headers, "webhook-signature": signature };
    expect((await receiver.handle({ ...request, headers, body })).status).toBe(400);
  });

  test.each(["webhook-id", "webhook-timestamp", "webhook-signature"])(
    "HOOK-18: a delivery without %s is answered 400",
    async (name) => {
      const { receiver, callback } = await opened();
      const request = await delivery(callback, { body: event("e1"), headers: { [name]: undefined } });
      expect(await receiver.handle(request)).toMatchObject({
        status: 400,
        outcome: { reason: "missing_header" },
      });
    },
  );

  test("other methods 405, unknown paths 404, closed callbacks 410, too large 413", async () => {
    const { receiver, callback } = await opened({ maxBodyBytes: 200 });
    const request = await delivery(callback, { body: event("e1") });
    const get = await receiver.handle({ ...request, method: "GET" });
    expect(get).toMatchObject({ status: 405, headers: { allow: "POST" } });
    expect(await receiver.handle({ ...request, path: "/hooks/nobody" })).toMatchObject({ status: 404 });
    expect(await receiver.handle({ ...request, path: "/other" })).toMatchObject({
      status: 404,
      outcome: { kind: "foreign" },
    });
    const large = await delivery(callback, { body: event("e1", { text: "x".repeat(200) }) });
    expect(await receiver.handle(large)).toMatchObject({ status: 413 });
    callback.close();
    expect(await receiver.handle(request)).toMatchObject({ status: 410 });
  });

  test("a receiver that shuts down answers 503: the next process takes it", async () => {
    const { receiver, callback, take } = await opened();
    receiver.close();
    expect(await receiver.handle(await delivery(callback, { body: event("e1") }))).toMatchObject({
      status: 503,
      outcome: { reason: "closing" },
    });
    expect(take).not.toHaveBeenCalled();
    await expect(receiver.open({ key: "b", take })).rejects.toMatchObject({ code: "closed" });
  });

  test("deliveries under way are bounded", async () => {
    const { receiver, callback, take } = await opened({ maxInFlight: 1 });
    let finish: (outcome: DeliveryOutcome) => void = () => {};
    take.mockReturnValueOnce(
      new Promise((resolve) => {
        finish = resolve;
      }),
    );
    const first = receiver.handle(await delivery(callback, { body: event("e1") }));
    const second = await receiver.handle(await delivery(callback, { body: event("e2") }));
    expect(second).toMatchObject({ status: 503, outcome: { reason: "busy" } });
    await settle();
    finish("accepted");
    expect((await first).status).toBe(200);
    expect((await receiver.handle(await delivery(callback, { body: event("e2") }))).status).toBe(200);
  });

  test("a body that is endless is read no further than the bound, one that stalls no longer than the time", async () => {
    const { receiver, callback, clock } = await opened({ maxBodyBytes: 1_000 });
    const request = await delivery(callback, { body: event("e1") });
    let read = 0;
    async function* endless() {
      for (;;) {
        read += 100;
        yield encoder.encode("x".repeat(100));
      }
    }
    expect(await receiver.handle({ ...request, body: endless() })).toMatchObject({ status: 413 });
    expect(read).toBe(1_100);
    async function* stalling() {
      yield encoder.encode("{");
      await new Promise(() => {});
    }
    const stalled = receiver.handle({ ...request, body: stalling() });
    await clock.advance(4_500);
    expect(await stalled).toMatchObject({ status: 503, outcome: { reason: "timed_out" } });
  });

  test("a body for nobody is not read at all", async () => {
    const { receiver, callback } = await opened();
    const request = await delivery(callback, { body: event("e1") });
    const body = {
      [Symbol.asyncIterator]: () => {
        throw new Error("was read");
      },
    };
    expect(await receiver.handle({ ...request, path: "/hooks/0", body })).toMatchObject({ status: 404 });
    expect(await receiver.handle({ ...request, method: "PUT", body })).toMatchObject({ status: 405 });
  });
});

describe("the receiver document and options", () => {
  test("HOOK-7: the receiver document names the base path", async () => {
    const { receiver } = await opened();
    expect(receiver.document()).toEqual({ receivers: ["/hooks/"] });
    const path = "/.well-known/mcp-webhook-receiver.json";
    const request = { method: "GET", path, headers: {}, body: new Uint8Array() };
    const answer = await receiver.handle(request);
    expect(answer).toMatchObject({ status: 200, outcome: { kind: "document" } });
    expect(JSON.parse(answer.body)).toEqual({ receivers: ["/hooks/"] });
    expect(await receiver.handle({ ...request, method: "HEAD" })).toMatchObject({ status: 200, body: "" });
    expect(await receiver.handle({ ...request, method: "POST" })).toMatchObject({ status: 405 });
    expect([receiver.owns(path), receiver.owns("/hooks/x?y"), receiver.owns("/hooksx")]).toEqual([
      true,
      true,
      false,
    ]);
  });

  test("a proxy may show requests under another path", async () => {
    const { receiver, callback } = await opened({ path: "/" });
    const request = await delivery(callback, { body: event("e1") });
    const path = request.path.replace("/hooks/", "/");
    expect((await receiver.handle({ ...request, path: `${path}?from=proxy` })).status).toBe(200);
    expect(receiver.document()).toEqual({ receivers: ["/hooks/"] });
  });

  test("ORDERING rule 23: a window of 16 is offered unless the receiver says that it cannot", async () => {
    expect(webhookReceiver({ url: URL_BASE }).resequence).toEqual({ window: 16, holdMs: 2_000 });
    expect(webhookReceiver({ url: URL_BASE, resequence: false }).resequence).toBeUndefined();
  });

  test("it is a client transport that recognises no MCP transport", () => {
    const receiver = webhookReceiver({ url: URL_BASE, ttlMs: null });
    expect(receiver.name).toBe("webhook");
    expect(receiver.connect({ send: async () => {}, close: async () => {} })).toBeUndefined();
    expect(receiver.webhookReceiver).toBe(receiver);
    expect(receiver.ttlMs).toBeNull();
  });

  test.each([
    [{ url: "ftp://me.example/" }, "url"],
    [{ url: "hooks" }, "url"],
    [{ url: "https://me.example/?a=1" }, "url"],
    [{ path: "hooks" }, "path"],
    [{ maxBodyBytes: 0 }, "maxBodyBytes"],
    [{ maxInFlight: 1.5 }, "maxInFlight"],
    [{ answerWithinMs: 0 }, "answerWithinMs"],
    [{ graceMs: -1 }, "graceMs"],
    [{ toleranceMs: Number.NaN }, "toleranceMs"],
    [{ ttlMs: -1 }, "ttlMs"],
    [{ resequence: { window: 0, holdMs: 1 } }, "resequence.window"],
    [{ resequence: { window: 1, holdMs: 4_500 } }, "resequence.holdMs"],
  ])("wrong options are named: %j", (options, field) => {
    const make = () => webhookReceiver({ url: URL_BASE, ...options });
    expect(make).toThrow(
      expect.objectContaining({ code: "option_invalid", message: expect.stringContaining(field) }),
    );
  });
});
