import { describe, expect, it } from "vitest";
import { natsStore } from "../nats-store";
import { Sealing } from "./sealing";

const [OLD, NEW] = ["o".repeat(32), new Uint8Array(32).fill(7)];
const SECRETS = [{ secret: "whsec_dGhlIHNlY3JldCBvZiB0aGlzIHRlc3Q=", until: null }];
const unusable = expect.objectContaining({ code: "store_unusable" });

describe("the secrets of subscriptions", () => {
  it("cannot be read without the key, as another subscription's, or changed", () => {
    const sealed = new Sealing([OLD]).seal(SECRETS, "sub_a") as { key: string; text: string };
    expect(JSON.stringify(sealed)).not.toContain("whsec_");
    expect(new Sealing([OLD]).open(sealed, "sub_a")).toEqual(SECRETS);
    expect(() => new Sealing([NEW]).open(sealed, "sub_a")).toThrow(unusable);
    expect(() => new Sealing([]).open(sealed, "sub_a")).toThrow(unusable);
    expect(() => new Sealing([OLD]).open(sealed, "sub_b")).toThrow(unusable);
    const changed = { ...sealed, text: `${sealed.text.slice(0, -4)}AAA=` };
    expect(() => new Sealing([OLD]).open(changed, "sub_a")).toThrow(unusable);
  });

  it("are read by an old key beside the new one, which encrypts; and what is plain text stays readable", () => {
    const sealed = new Sealing([OLD]).seal(SECRETS, "a");
    const both = new Sealing([NEW, OLD]);
    expect(both.open(sealed, "a")).toEqual(SECRETS);
    expect(new Sealing([NEW]).open(both.seal(SECRETS, "a"), "a")).toEqual(SECRETS);
    expect(both.open(new Sealing([]).seal(SECRETS, "a"), "a")).toEqual(SECRETS);
  });

  it("are refused without a key, unless plain text is asked for by name", () => {
    const servers = "nats://127.0.0.1:1";
    const invalid = expect.objectContaining({ code: "option_invalid" });
    expect(() => natsStore({ servers }).webhooks).toThrow(invalid);
    expect(natsStore({ servers, plaintextSecrets: true }).webhooks.shared).toBe(true);
    expect(() => natsStore({ servers, secretKey: "short" })).toThrow(invalid);
    expect(() => natsStore({ servers, secretKey: OLD, plaintextSecrets: true })).toThrow(invalid);
  });
});
