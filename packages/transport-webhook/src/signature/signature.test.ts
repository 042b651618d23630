import { readFileSync } from "node:fs";
import { join } from "node:path";
import { Webhook } from "standardwebhooks";
import { Webhook as SvixWebhook } from "svix";
import { describe, expect, test } from "vitest";
import { fixedKeys } from "./public-keys";
import { signWebhook } from "./sign-webhook";
import { verifyWebhook } from "./verify-webhook";

interface Row {
  readonly name: string;
  readonly id: string;
  readonly timestamp: string;
  readonly body: string;
  readonly repeat?: number;
  readonly signWith?: { readonly secrets: readonly string[]; readonly key?: JsonWebKey };
  readonly signature: string;
  readonly verifyWith: { readonly secrets: readonly string[]; readonly keys: readonly JsonWebKey[] };
  readonly now: number;
  readonly valid: boolean;
  readonly reason?: string;
}

const file = join(import.meta.dirname, "../../vectors/signatures.json");
const { vectors } = JSON.parse(readFileSync(file, "utf8")) as { vectors: readonly Row[] };

/** The vectors know four reasons; ours say more. */
const REASONS: Record<string, string> = {
  missing_header: "no_match",
  bad_signature: "no_match",
  bad_identity: "no_match",
};

const SECRET = "whsec_BwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwc=";
const bytes = (text: string) => new TextEncoder().encode(text);

test("the vectors are there", () => {
  expect(vectors.length).toBeGreaterThan(30);
  expect(new Set(vectors.map(({ valid }) => valid)).size).toBe(2);
});

test.each(vectors)("HOOK-9 HOOK-16 HOOK-18: vector: $name", async (row) => {
  const body = row.body.repeat(row.repeat ?? 1);
  const result = await verifyWebhook({
    secrets: row.verifyWith.secrets,
    headers: {
      "webhook-id": row.id,
      "webhook-timestamp": row.timestamp,
      "webhook-signature": row.signature,
    },
    body: bytes(body),
    now: row.now * 1_000,
    publicKeys: row.verifyWith.keys.length > 0 ? fixedKeys({ keys: row.verifyWith.keys }) : undefined,
  });
  if (row.valid) expect(result).toEqual({ ok: true });
  else {
    if (result.ok) throw new Error("was accepted");
    expect(REASONS[result.reason] ?? result.reason).toBe(row.reason);
  }
  if (row.signWith === undefined || row.signWith.key !== undefined) return;
  const { id, timestamp, signWith } = row;
  const signatures = await Promise.all(
    signWith.secrets.map((secret) => signWebhook({ id, timestamp: Number(timestamp), body, secret })),
  );
  expect(signatures.join(" ")).toBe(row.signature);
});

describe("other libraries", () => {
  const timestamp = Math.floor(Date.now() / 1_000);
  const body = JSON.stringify({ eventId: "e1", text: "ä€𝄞" });
  test.each([
    ["standardwebhooks", new Webhook(SECRET)],
    ["svix", new SvixWebhook(SECRET)],
  ])("HOOK-9: %s accepts what we sign, and the reverse", async (_, webhook) => {
    const ours = await signWebhook({ id: "e1", timestamp, body: bytes(body), secret: SECRET });
    const headers = { "webhook-id": "e1", "webhook-timestamp": String(timestamp), "webhook-signature": ours };
    expect(webhook.verify(body, headers)).toEqual(JSON.parse(body));
    const theirs = webhook.sign("e1", new Date(timestamp * 1_000), body);
    expect(theirs).toBe(ours);
    const result = await verifyWebhook({
      secrets: [SECRET],
      headers: new Headers({ ...headers, "webhook-signature": theirs }),
      body: bytes(body),
      now: timestamp * 1_000,
    });
    expect(result).toEqual({ ok: true });
  });
});

test("HOOK-5: a secret that is none does not sign, and its text is not in the error", async () => {
  const secret = "whsec_c2hvcnQ=";
  const signing = signWebhook({ id: "e1", timestamp: 1, body: "", secret });
  await expect(signing).rejects.toMatchObject({ code: "option_invalid" });
  await expect(signing).rejects.not.toThrow("c2hvcnQ");
});

test("HOOK-18: a secret that is none verifies nothing, and stops no other", async () => {
  const signature = await signWebhook({ id: "e1", timestamp: 1, body: "{}", secret: SECRET });
  const headers = { "Webhook-Id": "e1", "WEBHOOK-TIMESTAMP": "1", "webhook-signature": signature };
  const verify = (secrets: string[]) => verifyWebhook({ secrets, headers, body: bytes("{}"), now: 1_000 });
  expect(await verify(["nonsense"])).toEqual({ ok: false, reason: "bad_signature" });
  expect(await verify([])).toEqual({ ok: false, reason: "bad_signature" });
  expect(await verify(["nonsense", SECRET])).toEqual({ ok: true });
});
