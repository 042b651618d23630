import { copyFileSync, existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describeStore, type StoreBounds } from "@mcp-events/conformance/store";
import { test } from "vitest";
import { ManualClock } from "../../ordering/src/testing/manual-clock";
import { type SqliteStore, sqliteStore } from "./sqlite-store";

const KEY = "a key of at least thirty-two characters";

function start(bounds: StoreBounds) {
  const folder = mkdtempSync(join(tmpdir(), "store-sqlite-"));
  const clock = new ManualClock();
  const opened: SqliteStore[] = [];
  const open = () => {
    const path = join(folder, `${opened.length}.db`);
    const store = sqliteStore(path, { ...bounds, clock, secretKey: KEY });
    opened.push(store);
    return { store, positions: store.positions };
  };
  /** What a killed process leaves is what is in its files at that moment. */
  const reopen = async () => {
    for (const end of ["", "-wal"]) {
      const left = join(folder, `${opened.length - 1}.db${end}`);
      if (existsSync(left)) copyFileSync(left, join(folder, `${opened.length}.db${end}`));
    }
    return open();
  };
  return {
    ...open(),
    pass: (ms: number) => clock.advance(ms),
    reopen,
    async close() {
      for (const store of opened) store.close();
      rmSync(folder, { recursive: true });
    },
  };
}

const ONE = "one process at a time may open a file";

describeStore("sqlite", start, {
  test,
  skip: test.skip,
  skips: {
    "shared-log": ONE,
    "shared-watch": ONE,
    "shared-once": ONE,
    "shared-subscriptions": ONE,
  },
});
