import Database from "better-sqlite3";
import { expect, it } from "vitest";
import { sqlitePositions } from "./sqlite-positions";
import { freshPath } from "./testing/folder";

it("ORD-9: a position is there after the file was closed and opened again", async () => {
  const path = freshPath("positions.db");
  const position = { version: 1, cursor: "one", recent: ["a"] } as const;
  {
    using positions = sqlitePositions(path);
    await positions.set("mine", position);
  }
  using again = sqlitePositions(path);
  expect(await again.get("mine")).toEqual(position);
});

it("what cannot be read is an error, never nothing", async () => {
  const path = freshPath("positions.db");
  sqlitePositions(path).close();
  const db = new Database(path);
  db.exec(
    `INSERT INTO positions VALUES ('cut', '{"version":1,"cur'), ('newer', '{"version":2,"cursor":"a"}')`,
  );
  db.close();
  const positions = sqlitePositions(path);
  const failure = { code: "position_store_failed", message: expect.stringContaining(path) };
  for (const key of ["cut", "newer"]) {
    expect(() => positions.get(key)).toThrow(expect.objectContaining(failure));
  }
  positions.close();
  expect(() => positions.get("cut")).toThrow(expect.objectContaining(failure));
  await expect(positions.set("mine", { version: 1, cursor: "one" })).rejects.toMatchObject(failure);
});
