import { createPrivateKey } from "node:crypto";
import { readFileSync } from "node:fs";
import { EventsError } from "@mcp-events/protocol";
import { Webhook as StandardWebhook } from "standardwebhooks";
import { Webhook as SvixWebhook } from "svix";
import { expect, test } from "vitest";
import { Signer } from "./sign";

interface Row {
  name: string;
  id: string;
  timestamp: string;
  body: string;
  repeat?: number;
  signWith?: { secrets: string[]; key?: Record<string, string> };
  signature: string;
  verifyWith: { secrets: string[]; keys: unknown[] };
  now: number;
  valid: boolean;
  reason?: string;
}

const file = new URL("../../vectors/signatures.json", import.meta.url);
const rows: Row[] = JSON.parse(readFileSync(file, "utf8")).vectors;
const signer = new Signer();

const made = rows.filter((row) => row.signWith !== undefined);
test.each(made)("HOOK-9, HOOK-16: vector is signed exactly so: $name", (row) => {
  const { secrets, key } = row.signWith!;
  const identity = key && createPrivateKey({ key, format: "jwk" });
  const body = Buffer.from(row.body.repeat(row.repeat ?? 1));
  const signature = signer.sign({ id: row.id, timestamp: Number(row.timestamp), body }, secrets, identity);
  expect(signature).toBe(row.signature);
});

test("HOOK-9: there are vectors of both kinds, each with a name of its own", () => {
  expect(rows.filter((row) => row.valid).length).toBeGreaterThan(19);
  expect(rows.filter((row) => !row.valid && row.reason !== undefined).length).toBeGreaterThan(15);
  expect(new Set(rows.map((row) => row.name)).size).toBe(rows.length);
});

test("HOOK-9: the contract's vector", () => {
  const row = rows.find(({ name }) => name === "one secret")!;
  expect(row.signature).toBe("v1,Fpmu9XmHOm61kCtzuq0jS0Z1zgAd/N0L9zbU3XJ/4W8=");
});

const A = "whsec_BwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwc=";
const B = "whsec_yMnKy8zNzs/Q0dLT1NXW19jZ2tvc3d7f4OHi4+Tl5uc=";

test.each([
  ["standardwebhooks", StandardWebhook],
  ["svix", SvixWebhook],
])("HOOK-9: %s accepts what is signed, with the new and with the old secret", (_name, Verifier) => {
  const timestamp = Math.floor(Date.now() / 1_000);
  const body = Buffer.from('{"eventId":"e1","data":{"text":"Grüße 🌍"}}');
  const signature = signer.sign({ id: "e1", timestamp, body }, [B, A]);
  const headers = {
    "webhook-id": "e1",
    "webhook-timestamp": String(timestamp),
    "webhook-signature": signature,
  };
  for (const secret of [A, B]) expect(new Verifier(secret).verify(body.toString(), headers)).toBeTruthy();
  const other = "whsec_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=";
  expect(() => new Verifier(other).verify(body.toString(), headers)).toThrow();
});

test("HOOK-5: a malformed secret is refused and not repeated", () => {
  const message = { id: "e", timestamp: 1, body: Buffer.from("") };
  const act = () => signer.sign(message, ["whsec_short"]);
  expect(act).toThrow(EventsError);
  expect(act).toThrow(/^(?!.*short)/);
});

test("HOOK-4: more secrets than are kept decoded are signed for all the same", () => {
  const small = new Signer();
  const message = { id: "e", timestamp: 1, body: Buffer.from("x") };
  const first = small.sign(message, [A]);
  for (let index = 0; index < 5_000; index += 1) {
    const key = Buffer.alloc(24);
    key.writeUInt32BE(index);
    small.sign(message, [`whsec_${key.toString("base64")}`]);
  }
  expect(small.sign(message, [A])).toBe(first);
});
