import { readFileSync, statSync, writeFileSync } from "node:fs";
import { EventsError } from "@mcp-events/protocol";
import Database from "better-sqlite3";
import { describe, expect, it, vi } from "vitest";
import { SqliteFile } from "./sqlite-file";
import { sqlitePositions } from "./sqlite-positions";
import { sqliteStore } from "./sqlite-store";
import { entries, entry, freshPath } from "./testing/folder";

function failureOf(call: () => unknown): EventsError {
  try {
    call();
  } catch (error) {
    if (EventsError.is(error)) return error;
    throw error;
  }
  throw new Error("it did not fail");
}

describe("opening a file", () => {
  it("another store, of this process or another, is refused while it is open", () => {
    const path = freshPath();
    const first = sqliteStore(path);
    const { code, message, retryable } = failureOf(() => sqliteStore(path));
    expect([code, message.includes(path), retryable]).toEqual(["store_in_use", true, true]);
    expect(failureOf(() => sqlitePositions(path)).code).toBe("store_in_use");
    first.close();
    sqliteStore(path).close();
  });

  it("it is readable by its owner only", () => {
    const path = freshPath();
    const store = sqliteStore(path);
    store.open("events");
    expect([path, `${path}-wal`].map((one) => statSync(one).mode & 0o077)).toEqual([0, 0]);
    store.close();
  });

  it("what is no database is refused, and left as it is", () => {
    const path = freshPath();
    const text = "not a database, but somebody's only copy of something ".repeat(50);
    writeFileSync(path, text);
    const { code, message } = failureOf(() => sqliteStore(path));
    expect([code, message.includes(path), message.includes("backup")]).toEqual([
      "store_unusable",
      true,
      true,
    ]);
    expect(readFileSync(path, "utf8")).toBe(text);
  });

  it("another application's database is refused, and left as it is", () => {
    const path = freshPath();
    const other = new Database(path);
    other.exec("CREATE TABLE theirs (a)");
    other.close();
    const before = readFileSync(path);
    expect(failureOf(() => sqliteStore(path))).toMatchObject({
      code: "store_unusable",
      message: expect.stringContaining("another application"),
    });
    expect(readFileSync(path).equals(before)).toBe(true);
  });

  it("a newer format is refused, and left as it is", () => {
    const path = freshPath();
    sqliteStore(path).close();
    const newer = new Database(path);
    newer.pragma("user_version = 99");
    newer.close();
    const before = readFileSync(path);
    const { code, message } = failureOf(() => sqliteStore(path));
    expect([code, message]).toEqual(["store_unusable", expect.stringMatching(/newer version .*format 99/)]);
    expect(readFileSync(path).equals(before)).toBe(true);
  });

  it("a damaged file says so with its path, when it is opened or when the damage is read", async () => {
    const path = freshPath();
    const store = sqliteStore(path);
    await store.open("events").append(entries(2_000));
    store.close();
    const bytes = readFileSync(path);
    bytes.fill(0xff, 16_384, bytes.length - 4_096);
    writeFileSync(path, bytes);
    const read = () => {
      const damaged = sqliteStore(path);
      try {
        return damaged.open("events").read({ after: 0, limit: 5_000 });
      } finally {
        damaged.close();
      }
    };
    expect(failureOf(read)).toMatchObject({ code: "store_unusable", message: expect.stringContaining(path) });
    expect(readFileSync(path).subarray(16_384, 20_000).equals(bytes.subarray(16_384, 20_000))).toBe(true);
  });

  it("a folder that is not there, memory and URIs are refused", () => {
    expect(failureOf(() => sqliteStore("/nowhere/at/all.db"))).toMatchObject({
      code: "store_failed",
      message: expect.stringContaining("/nowhere/at/all.db"),
    });
    for (const path of ["", ":memory:", "file:events.db"]) {
      expect(failureOf(() => sqliteStore(path)).code).toBe("option_invalid");
    }
  });

  it("a disk that fails at close does not keep it open", () => {
    const path = freshPath();
    const file = new SqliteFile(path, "full");
    vi.spyOn(file.db, "pragma").mockImplementationOnce(() => {
      throw Object.assign(new Error("disk I/O error"), { code: "SQLITE_IOERR" });
    });
    expect(failureOf(() => file.close()).code).toBe("store_failed");
    sqliteStore(path).close();
  });

  it("closed, it answers nothing any more; what was asked for before is written", async () => {
    const path = freshPath();
    const store = sqliteStore(path, { plaintextSecrets: true });
    const log = store.open("events");
    const appending = log.append(entries(3));
    store.close();
    store.close();
    expect(await appending).toHaveLength(3);
    const closed = { code: "closed" };
    await expect(log.append([entry(9)])).rejects.toMatchObject(closed);
    expect(failureOf(() => log.read({ after: 0, limit: 1 }))).toMatchObject(closed);
    expect(failureOf(() => store.open("other"))).toMatchObject(closed);
    expect(failureOf(() => store.webhooks.subscriptions.get("a"))).toMatchObject(closed);
    const again = sqliteStore(path);
    expect(again.open("events").head()).toMatchObject({ seq: 3 });
    again.close();
  });
});

describe("options", () => {
  it.each([
    [{ maxEntries: 0 }, "maxEntries"],
    [{ maxAgeMs: Number.NaN }, "maxAgeMs"],
    [{ secretKey: "short" }, "secretKey"],
    [{ secretKey: ["x".repeat(32), "short"] }, "secretKey"],
    [{ secretKey: "x".repeat(32), plaintextSecrets: true }, "plaintextSecrets"],
    [{ synchronous: "off" as "full" }, "synchronous"],
  ])("%j is refused by name", (options, name) => {
    expect(failureOf(() => sqliteStore(freshPath(), options))).toMatchObject({
      code: "option_invalid",
      message: expect.stringContaining(name),
    });
  });
});
