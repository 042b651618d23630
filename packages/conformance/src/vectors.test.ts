import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it, test } from "vitest";
import { canonicalVectors, cursorVectors, secretVectors, subscriptionVectors } from "./testing/vectors/keys";
import { traceVectors } from "./testing/vectors/traces";

const FOLDER = join(import.meta.dirname, "../vectors");
const read = async (name: string) => JSON.parse(await readFile(join(FOLDER, name), "utf8"));

// Rewritten by `vitest run packages/conformance/src/vectors.test.ts -u`.
test.each([
  ["canonical-json.json", canonicalVectors],
  ["subscription-ids.json", subscriptionVectors],
  ["secrets.json", secretVectors],
  ["cursors.json", cursorVectors],
  ["resequencer.json", traceVectors],
])("%s is what the code does", async (name, vectors) => {
  await expect(`${JSON.stringify(await vectors(), null, 2)}\n`).toMatchFileSnapshot(join(FOLDER, name));
});

describe("the vectors hold by themselves, without the code that made them", () => {
  it("canonical JSON means what the JSON means", async () => {
    for (const { json, canonical } of (await read("canonical-json.json")).vectors) {
      expect(JSON.parse(canonical)).toEqual(JSON.parse(json.replaceAll("-0,", "0,")));
    }
  });

  it("HOOK-3: equal keys have equal ids, and an id is the hash it says", async () => {
    const { vectors } = await read("subscription-ids.json");
    const [plain, absent, , , , bob] = vectors;
    expect(absent.id).toBe(plain.id);
    expect(vectors[3].id).toBe(vectors[2].id);
    expect(new Set(vectors.map(({ id }: { id: string }) => id)).size).toBe(vectors.length - 2);
    const text = JSON.stringify([bob.principal, bob.url, bob.name, {}]);
    expect(bob.id).toBe(`sub_${createHash("sha256").update(text).digest("hex").slice(0, 32)}`);
  });

  it("HOOK-5: keys of 24 to 64 bytes are taken, and no others", async () => {
    const { vectors } = await read("secrets.json");
    const lengths = vectors.map(({ key }: { key: string | null }) => key && key.length / 2);
    expect(lengths).toEqual([null, 24, 32, 64, null, 32, 32, null, null, null, null, null]);
  });

  it("CUR-6: nothing that is no cursor is read as a position", async () => {
    const { vectors } = await read("cursors.json");
    const readable = vectors.filter(({ position }: { position: unknown }) => position !== null);
    expect(readable).toHaveLength(4);
  });

  it("ORD-1 ORD-3 ORDERING rules 15-20: whatever the arrivals, each number is handed out once, in order", async () => {
    const { vectors } = await read("resequencer.json");
    const shuffled = vectors.filter(({ name }: { name: string }) => name.startsWith("shuffled"));
    expect(shuffled.length).toBeGreaterThan(10);
    for (const { steps } of shuffled) {
      const numbers = steps.flatMap(({ released }: { released: { seq: number }[] }) =>
        released.map(({ seq }) => seq),
      );
      expect(numbers).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
    }
  });
});
