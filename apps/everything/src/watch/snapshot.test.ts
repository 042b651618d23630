import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it } from "vitest";
import { changesBetween, takeSnapshot } from "./snapshot";

const state = (size: number, modifiedAt: number) => ({ size, modifiedAt });

it("tells what was created, changed and removed, removals first, the rest in the order of its times", () => {
  const before = new Map([
    ["gone", state(1, 1)],
    ["same", state(2, 2)],
    ["grown", state(3, 3)],
  ]);
  const after = new Map([
    ["new", state(4, 20)],
    ["same", state(2, 2)],
    ["grown", state(5, 10)],
  ]);
  expect(changesBetween(before, after).map(({ path, kind }) => `${kind} ${path}`)).toEqual([
    "removed gone",
    "changed grown",
    "created new",
  ]);
});

it("sees files in subdirectories by relative path, and nothing where there is nothing", async () => {
  const directory = await mkdtemp(join(tmpdir(), "everything-"));
  try {
    await mkdir(join(directory, "a", "b"), { recursive: true });
    await writeFile(join(directory, "a", "b", "c.txt"), "four");
    const snapshot = await takeSnapshot(directory);
    expect([...snapshot]).toEqual([["a/b/c.txt", { size: 4, modifiedAt: expect.any(Number) }]]);
    expect((await takeSnapshot(join(directory, "missing"))).size).toBe(0);
  } finally {
    await rm(directory, { recursive: true });
  }
});
