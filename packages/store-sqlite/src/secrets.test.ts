import { readFileSync } from "node:fs";
import Database from "better-sqlite3";
import { describe, expect, it } from "vitest";
import type { SqliteOptions } from "./options";
import { sqliteStore } from "./sqlite-store";
import { freshPath, place, subscription } from "./testing/folder";

const [OLD, NEW] = ["o".repeat(32), new Uint8Array(32).fill(7)];
const SECRET = "whsec_dGhlIHNlY3JldCBvZiB0aGlzIHRlc3Q=";

async function kept(options: SqliteOptions, path = freshPath()) {
  const store = sqliteStore(path, options);
  await store.webhooks.subscriptions.create(subscription("sub_a", SECRET), place, "one");
  store.close();
  return path;
}

function reads(path: string, options: SqliteOptions): string | undefined {
  const store = sqliteStore(path, options);
  try {
    return (store.webhooks.subscriptions.get("sub_a") as ReturnType<typeof subscription>).secrets[0]?.secret;
  } finally {
    store.close();
  }
}

const isIn = (path: string, text: string) => readFileSync(path).includes(text);

describe("the secrets of subscriptions", () => {
  it("are refused without a key, unless plain text is asked for by name", () => {
    const store = sqliteStore(freshPath());
    expect(() => store.webhooks).toThrow(expect.objectContaining({ code: "option_invalid" }));
    store.close();
  });

  it("are not in the file, and come back with the key", async () => {
    const path = await kept({ secretKey: OLD });
    expect(isIn(path, SECRET)).toBe(false);
    expect(reads(path, { secretKey: OLD })).toBe(SECRET);
  });

  it("in plain text are in the file; a key that is given later encrypts them, and nothing is left behind", async () => {
    const path = await kept({ plaintextSecrets: true });
    expect(isIn(path, SECRET)).toBe(true);
    expect(reads(path, { plaintextSecrets: true })).toBe(SECRET);
    expect(reads(path, { secretKey: OLD })).toBe(SECRET);
    expect(isIn(path, SECRET)).toBe(false);
  });

  it("of large subscriptions, and of ones that ended, are not left behind either", async () => {
    const path = freshPath();
    const store = sqliteStore(path, { plaintextSecrets: true });
    const { subscriptions } = store.webhooks;
    const large = { text: "x".repeat(20_000) };
    for (const id of ["sub_a", "sub_b"]) {
      await subscriptions.create({ ...subscription(id, `${SECRET}${id}`), arguments: large }, place, "one");
    }
    store.close();
    const again = sqliteStore(path, { plaintextSecrets: true });
    await again.webhooks.subscriptions.delete("sub_b");
    again.close();
    expect(isIn(path, `${SECRET}sub_b`)).toBe(false);
    expect(reads(path, { secretKey: OLD })).toBe(`${SECRET}sub_a`);
    expect(isIn(path, SECRET)).toBe(false);
  });

  it("are read with an older key, and from then on need the newer one alone", async () => {
    const path = await kept({ secretKey: OLD });
    expect(reads(path, { secretKey: [NEW, OLD] })).toBe(SECRET);
    expect(reads(path, { secretKey: NEW })).toBe(SECRET);
    expect(() => reads(path, { secretKey: OLD })).toThrow(
      expect.objectContaining({ code: "store_unusable", message: expect.stringContaining("secretKey") }),
    );
  });

  it("with a wrong key the file is refused and stays as it is; the log can be read without any", async () => {
    const path = await kept({ secretKey: OLD });
    const before = readFileSync(path);
    for (const options of [{ secretKey: NEW }, { plaintextSecrets: true }]) {
      expect(() => reads(path, options)).toThrow(expect.objectContaining({ code: "store_unusable" }));
    }
    expect(readFileSync(path).equals(before)).toBe(true);
    const store = sqliteStore(path);
    store.open("events");
    store.close();
    expect(reads(path, { secretKey: OLD })).toBe(SECRET);
  });

  it("of one subscription are not taken for another's, nor what was changed", async () => {
    const path = await kept({ secretKey: OLD });
    const store = sqliteStore(path, { secretKey: OLD });
    await store.webhooks.subscriptions.create(subscription("sub_b", "whsec_b3RoZXI="), place, "one");
    store.close();
    const db = new Database(path);
    db.exec("UPDATE subscriptions SET secrets = (SELECT secrets FROM subscriptions WHERE id = 'sub_b')");
    db.close();
    expect(() => reads(path, { secretKey: OLD })).toThrow(
      expect.objectContaining({
        code: "store_unusable",
        message: expect.stringContaining("sub_a were changed"),
      }),
    );
  });
});
