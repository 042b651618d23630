import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { StoredPosition } from "@mcp-events/ordering";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { filePositions } from "./file-positions";

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "positions-"));
});
afterEach(() => rm(folder, { recursive: true }));

const at = (through: number): StoredPosition => ({
  version: 1,
  cursor: `c${through}`,
  state: { log: "events", epoch: 1, through, ahead: [[through + 1, through + 2]] },
});

describe("filePositions", () => {
  it("ORD-9: what was set is there after a restart, in a folder that did not exist", async () => {
    const path = join(folder, "deep", "positions.json");
    await filePositions(path).set("a", at(1));
    const second = filePositions(path);
    expect(await second.get("a")).toEqual(at(1));
    expect(await second.get("b")).toBeUndefined();
    await second.delete("a");
    expect(await filePositions(path).get("a")).toBeUndefined();
  });

  it("concurrent sets are serialised, and the last one of each key stands", async () => {
    const path = join(folder, "positions.json");
    const store = filePositions(path);
    const sets = Array.from({ length: 200 }, (_, index) => store.set(`k${index % 10}`, at(index)));
    await Promise.all(sets);
    const read = filePositions(path);
    for (let key = 0; key < 10; key += 1) expect(await read.get(`k${key}`)).toEqual(at(190 + key));
    expect(await readdir(folder)).toEqual(["positions.json"]);
  });

  it("the file is whole at every moment of a write", async () => {
    const path = join(folder, "positions.json");
    const store = filePositions(path);
    await store.set("k", at(0));
    let writing = true;
    const writes = (async () => {
      for (let through = 1; through < 30; through += 1) await store.set("k", at(through));
      writing = false;
    })();
    let reads = 0;
    while (writing) {
      expect(await filePositions(path).get("k")).toBeDefined();
      reads += 1;
    }
    await writes;
    expect(reads).toBeGreaterThan(0);
  });

  it("a corrupt file is a clear error and is left as it is", async () => {
    const path = join(folder, "positions.json");
    for (const text of ["", "{", "[]", '{"version":2}', '{"version":1,"positions":{"k":{"cursor":5}}}']) {
      await writeFile(path, text);
      const store = filePositions(path);
      const error = { code: "position_store_failed", message: expect.stringContaining(path) };
      await expect(store.get("k")).rejects.toMatchObject(error);
      await expect(store.set("k", at(1))).rejects.toMatchObject(error);
      expect(await readFile(path, "utf8")).toBe(text);
    }
  });

  it("a failed write is an error, and the next one works", async () => {
    const blocker = join(folder, "blocker");
    await writeFile(blocker, "a file where the folder should be");
    const store = filePositions(join(blocker, "positions.json"));
    await expect(store.set("k", at(1))).rejects.toMatchObject({ code: "position_store_failed" });
    await rm(blocker);
    await store.set("k", at(2));
    expect(await filePositions(join(blocker, "positions.json")).get("k")).toEqual(at(2));
  });
});
