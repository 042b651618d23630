import { copyFileSync, existsSync } from "node:fs";
import Database from "better-sqlite3";
import { describe, expect, it } from "vitest";
import { ManualClock } from "../../ordering/src/testing/manual-clock";
import type { SqliteOptions } from "./options";
import { sqliteStore } from "./sqlite-store";
import { entries, freshPath } from "./testing/folder";

const clock = new ManualClock();

async function used(path: string, options: SqliteOptions = {}) {
  const store = sqliteStore(path, { clock, ...options });
  const log = store.open("events");
  await log.append(entries(5));
  return { store, head: log.head() as { epoch: number; seq: number } };
}

function headOf(path: string, options: SqliteOptions = {}) {
  const store = sqliteStore(path, { clock, ...options });
  const head = store.open("events").head() as { epoch: number; seq: number };
  store.close();
  return head;
}

/** As if the machine had gone down: another start of it finds the file open. */
function lostPower(path: string, open: string) {
  const db = new Database(path);
  db.exec(
    `UPDATE meta SET value = '${open}' WHERE key = 'open'; UPDATE meta SET value = 'before' WHERE key = 'boot'`,
  );
  db.close();
}

describe("RULE-1: epochs", () => {
  it("a restart is the same epoch, and so is a restart of the machine with synchronous full", async () => {
    const path = freshPath();
    const { store, head } = await used(path);
    store.close();
    expect(headOf(path)).toEqual(head);
    lostPower(path, "full");
    expect(headOf(path)).toEqual(head);
  });

  it("with synchronous normal a machine that went down means a new epoch; a closed file does not", async () => {
    const path = freshPath();
    const options = { synchronous: "normal" } as const;
    const { store, head } = await used(path, options);
    store.close();
    expect(headOf(path, options)).toEqual(head);
    lostPower(path, "0");
    expect(headOf(path, options)).toEqual(head);
    lostPower(path, "normal");
    const next = headOf(path, options);
    expect([next.epoch > head.epoch, next.seq]).toEqual([true, head.seq]);
    expect(headOf(path, options)).toEqual(next);
  });

  it("with synchronous normal what the disk lost of a file that was closed before means a new epoch, too", async () => {
    const [path, left] = [freshPath(), freshPath("left.db")];
    const options = { synchronous: "normal" } as const;
    const { store, head } = await used(path, options);
    store.close();
    const again = sqliteStore(path, { clock, ...options });
    await again.open("events").append(entries(5, 5));
    // The machine goes down: nothing of the -wal was on the disk.
    copyFileSync(path, left);
    const db = new Database(left);
    db.exec("UPDATE meta SET value = 'before' WHERE key = 'boot'");
    db.close();
    const next = headOf(left, options);
    expect([next.epoch > head.epoch, next.seq]).toEqual([true, 5]);
    again.close();
  });

  it("a backup is whole, and what opens it begins a new epoch, once", async () => {
    const [path, copy] = [freshPath(), freshPath("copy.db")];
    const { store, head } = await used(path);
    await store.backup(copy);
    await store.open("events").append(entries(3, 5));
    await expect(store.backup(copy)).rejects.toMatchObject({ code: "store_failed" });
    store.close();
    const restored = headOf(copy);
    expect([restored.epoch > head.epoch, restored.seq]).toEqual([true, 5]);
    expect(headOf(copy)).toEqual(restored);
    expect(headOf(path)).toMatchObject({ epoch: head.epoch, seq: 8 });
  });

  it("a file that was deleted and made again is a greater epoch", async () => {
    const [path, again] = [freshPath(), freshPath("again.db")];
    const { store, head } = await used(path);
    store.close();
    expect(existsSync(again)).toBe(false);
    clock.jump(1);
    expect(headOf(again).epoch).toBeGreaterThan(head.epoch);
  });
});
