import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { brokenLinks } from "./broken-links";

const LINKS = [
  "#here",
  "./other#there",
  "/docs/folder/",
  "/docs/folder/index",
  "/docs/style.css",
  "https://example.com/#x",
  "https://github.com/mcp-events/mcp-events/blob/main/package.json#L1",
];
const BROKEN = [
  "#nowhere",
  "./missing",
  "./other#here",
  "/docs/style.css#x",
  "/other#there",
  "./folder/other",
  "https://github.com/mcp-events/mcp-events/blob/main/gone.ts#L1",
];

const page = (links: readonly string[], id: string) =>
  `<h1 id="${id}"></h1>${links.map((href) => `<a class="x" href="${href}">x</a>`).join("")}`;

let html: string;
beforeAll(async () => {
  html = await mkdtemp(join(tmpdir(), "built-site-"));
  const files = {
    "page.html": page([...LINKS, ...BROKEN], "here"),
    "other.html": page([], "there"),
    "folder/index.html": page(["../other", "./"], "x"),
    "style.css": "",
  };
  for (const [path, text] of Object.entries(files)) {
    await mkdir(dirname(join(html, path)), { recursive: true });
    await writeFile(join(html, path), text);
  }
});
afterAll(() => rm(html, { recursive: true, force: true }));

test("links of a built site lead to its pages, their anchors and its files, below its base", () => {
  expect(brokenLinks(html, "/docs/")).toEqual(BROKEN.map((href) => `page.html: ${href}`));
});
