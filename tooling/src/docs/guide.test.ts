import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { root } from "../workspace";
import { blocksOf } from "./blocks";

const guide = "docs/guide";
const rows = [
  ...readFileSync(join(root, guide, "README.md"), "utf8").matchAll(
    /^\| \[[^\]]+\]\((from-[^)]+)\) \| ([^|]+) \| ([^|]+) \|$/gm,
  ),
].map(([, page = "", before = "", after = ""]) => ({ page, before, after }));

const numbers = (text: string) => text.match(/\d+/g) ?? [];

function printed(page: string, file: string): string[] {
  return numbers(blocksOf(`${guide}/${page}`).find((block) => block.file === file)?.output ?? "");
}

test.each(["docs", guide])("the index of %s names every page that lies beside it", (folder) => {
  const index = readFileSync(join(root, folder, "README.md"), "utf8");
  const pages = readdirSync(join(root, folder)).filter(
    (name) => name.endsWith(".md") && name !== "README.md",
  );
  expect(pages.filter((name) => !index.includes(`](${name})`))).toEqual([]);
});

test("the guide's table of migrations is there", () => {
  expect(rows.length).toBeGreaterThanOrEqual(5);
});

// What a page prints is checked against its code; what the table says, against the page.
test.each(rows)("figures of $page in the table are those that the page prints", ({ page, before, after }) => {
  expect(numbers(before).length).toBeGreaterThan(0);
  expect(printed(page, "before.ts")).toEqual(expect.arrayContaining(numbers(before)));
  expect(numbers(after).length).toBeGreaterThan(0);
  expect(printed(page, "after.ts")).toEqual(expect.arrayContaining(numbers(after)));
});
