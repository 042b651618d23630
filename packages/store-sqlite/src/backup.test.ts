import { existsSync, statSync } from "node:fs";
import { expect, it, vi } from "vitest";
import { backup } from "./backup";
import { SqliteFile } from "./sqlite-file";
import { freshPath } from "./testing/folder";

it("RULE-1: a copy that is not marked as one yet does not have its name", async () => {
  const [path, to] = [freshPath(), freshPath("copy.db")];
  const file = new SqliteFile(path, "full");
  const copying = file.db.backup.bind(file.db);
  const isThere: boolean[] = [];
  vi.spyOn(file.db, "backup").mockImplementationOnce(async (...given) => {
    const done = await copying(...given);
    isThere.push(existsSync(to));
    return done;
  });
  await backup(file, to);
  expect([isThere, existsSync(`${to}.partial`), statSync(to).mode & 0o077]).toEqual([[false], false, 0]);
  file.close();
});

it("a copy that fails leaves nothing behind, and can be made again", async () => {
  const [path, to] = [freshPath(), freshPath("copy.db")];
  const file = new SqliteFile(path, "full");
  vi.spyOn(file.db, "backup").mockRejectedValueOnce(
    Object.assign(new Error("disk full"), { code: "SQLITE_FULL" }),
  );
  await expect(backup(file, to)).rejects.toMatchObject({ code: "store_failed" });
  expect([existsSync(to), existsSync(`${to}.partial`)]).toEqual([false, false]);
  await backup(file, to);
  file.close();
});
