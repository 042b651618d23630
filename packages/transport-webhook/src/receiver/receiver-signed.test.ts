import { Webhook } from "standardwebhooks";
import { Webhook as SvixWebhook } from "svix";
import { expect, test } from "vitest";
import { delivery, encoder, event, START } from "./testing/deliveries";
import { opened } from "./testing/opened";

const verification = { type: "verification", challenge: "c-1" };

test("HOOK-7 HOOK-8: a challenge is answered while subscribe still runs", async () => {
  const { receiver, callback, take } = await opened();
  const answer = await receiver.handle(await delivery(callback, { body: verification }));
  expect(answer).toMatchObject({ status: 200, outcome: { kind: "verification" } });
  expect(answer.headers["content-type"]).toBe("application/json");
  expect(JSON.parse(answer.body)).toEqual({ challenge: "c-1" });
  expect(take).not.toHaveBeenCalled();
});

test("HOOK-7: a challenge that is not signed right is not echoed", async () => {
  const { receiver, callback } = await opened();
  const secrets = ["whsec_BwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwc="];
  const request = await delivery(callback, { body: verification, secrets });
  const before = await receiver.handle(request);
  callback.settle("sub_1");
  const after = await receiver.handle(request);
  expect([before.status, after.status]).toEqual([503, 401]);
  expect(before.body + after.body).not.toContain("c-1");
});

test("HOOK-18: a signature nobody knows is sent again until the server has answered, then refused", async () => {
  const { receiver, callback } = await opened();
  const secrets = ["whsec_BwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwc="];
  const request = await delivery(callback, { body: event("e1"), secrets });
  expect(await receiver.handle(request)).toMatchObject({ status: 503, outcome: { reason: "unsettled" } });
  callback.settle("sub_1");
  expect(await receiver.handle(request)).toMatchObject({
    status: 401,
    outcome: { reason: "bad_signature" },
  });
});

test("HOOK-18: a forged subscription id is refused, an absent one is malformed", async () => {
  const { receiver, callback, take } = await opened();
  callback.settle("sub_1");
  const forged = await delivery(callback, { body: event("e1"), subscriptionId: "sub_2" });
  expect(await receiver.handle(forged)).toMatchObject({
    status: 401,
    outcome: { reason: "wrong_subscription" },
  });
  const headers = { "x-mcp-subscription-id": undefined };
  const absent = await delivery(callback, { body: event("e1"), headers });
  expect(await receiver.handle(absent)).toMatchObject({ status: 400 });
  expect(take).not.toHaveBeenCalled();
});

test("HOOK-4: old and new secret are accepted until the server took the new one, then for the grace window", async () => {
  const { receiver, callback, clock } = await opened({ graceMs: 60_000 });
  callback.settle("sub_1");
  const old = callback.secret;
  const fresh = callback.rotate();
  expect(fresh).not.toBe(old);
  expect(callback.secret).toBe(fresh);
  const status = async (...secrets: string[]) => {
    const request = await delivery(callback, { body: event("e1"), secrets, at: clock.now() });
    return (await receiver.handle(request)).status;
  };
  await clock.advance(3_600_000);
  expect([await status(old), await status(fresh), await status(fresh, old)]).toEqual([200, 200, 200]);
  callback.settle("sub_1");
  await clock.advance(59_999);
  expect([await status(old), await status(fresh)]).toEqual([200, 200]);
  await clock.advance(1);
  expect([await status(old), await status(fresh), await status(fresh, old)]).toEqual([401, 200, 200]);
});

test("HOOK-4: secrets that no refresh was answered for are bounded, and the one in use stays", async () => {
  const { receiver, callback } = await opened();
  callback.settle("sub_1");
  const inUse = callback.secret;
  const unused = callback.rotate();
  for (let count = 0; count < 20; count += 1) callback.rotate();
  const status = async (secret: string) => {
    const request = await delivery(callback, { body: event("e1"), secrets: [secret] });
    return (await receiver.handle(request)).status;
  };
  expect([await status(inUse), await status(unused), await status(callback.secret)]).toEqual([200, 401, 200]);
});

test("HOOK-18: five minutes of difference between the clocks, either way", async () => {
  const { receiver, callback } = await opened();
  callback.settle("sub_1");
  const outcome = async (skewMs: number) =>
    (await receiver.handle(await delivery(callback, { body: event("e1"), at: START + skewMs }))).outcome;
  expect(await outcome(-300_000)).toEqual({ kind: "accepted" });
  expect(await outcome(300_000)).toEqual({ kind: "accepted" });
  expect(await outcome(-301_000)).toEqual({ kind: "refused", reason: "too_old" });
  expect(await outcome(301_000)).toEqual({ kind: "refused", reason: "too_new" });
});

test("HOOK-18: raw bytes count: white space and key order of the body are the sender's", async () => {
  const { receiver, callback } = await opened();
  const body = `{ "data":{"b":1,  "a":1.0},"timestamp":"2024-01-01T00:00:00Z","name":"note","eventId":"e1" }`;
  const request = await delivery(callback, { body, id: "e1" });
  expect((await receiver.handle(request)).status).toBe(200);
  callback.settle("sub_1");
  const again = encoder.encode(JSON.stringify(JSON.parse(body)));
  expect((await receiver.handle({ ...request, body: again })).status).toBe(401);
});

test("HOOK-18: dots moved between id, timestamp and body leave the signature right and the body no JSON", async () => {
  const { receiver, callback, take } = await opened();
  const seconds = String(START / 1_000);
  const body = JSON.stringify(event(`evt.${seconds}`));
  const captured = await delivery(callback, { body, id: `evt.${seconds}` });
  const headers = { ...captured.headers, "webhook-id": "evt" };
  const moved = { ...captured, headers, body: encoder.encode(`${seconds}.${body}`) };
  expect(await receiver.handle(moved)).toMatchObject({
    status: 400,
    outcome: { reason: "malformed_body" },
  });
  expect(take).not.toHaveBeenCalled();
});

test("keys of the server that fail in a way of their own are answered 503", async () => {
  const identity = { current: () => Promise.reject(new Error("broken")) };
  const { receiver, callback } = await opened({ identity });
  const request = await delivery(callback, { body: event("e1") });
  const signature = `${request.headers["webhook-signature"]} v1a,AAAA`;
  const headers = { ...request.headers, "webhook-signature": signature };
  expect((await receiver.handle({ ...request, headers })).status).toBe(503);
});

test.each([
  ["standardwebhooks", (secret: string) => new Webhook(secret)],
  ["svix", (secret: string) => new SvixWebhook(secret)],
])("HOOK-9: what %s signs is accepted", async (_, make) => {
  const { receiver, callback } = await opened();
  const body = JSON.stringify(event("e1", { text: "ä€𝄞" }));
  const request = await delivery(callback, { body, id: "e1" });
  const headers = {
    ...request.headers,
    "webhook-signature": make(callback.secret).sign("e1", new Date(START), body),
  };
  callback.settle("sub_1");
  expect((await receiver.handle({ ...request, headers })).status).toBe(200);
});
