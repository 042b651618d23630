import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { filesBelow, root } from "../workspace";
import { LinkChecker } from "./links";

const documents = filesBelow(".", ".md");

test("links of every Markdown file lead to files and headings that are there", () => {
  const checker = new LinkChecker(root);
  expect(documents).toEqual(
    expect.arrayContaining(["README.md", "CONTRIBUTING.md", "docs/ordering.md", "bench/README.md"]),
  );
  expect(documents.flatMap((path) => checker.broken(path))).toEqual([]);
});

describe("how links are checked", () => {
  let folder: string;
  const page = [
    "# A title, with `code`",
    "## Twice",
    "## Twice",
    "[file](other.md) [folder](../src) [anchor](other.md#there) [self](#a-title-with-code) [second](#twice-1)",
    "[outside](https://example.com/#x) <mailto:a@example.com> [own][1] ![image](picture.png)",
    "",
    "[1]: https://github.com/mcp-events/mcp-events/blob/main/docs/other.md#there",
    "",
    "`[code](is-no-link.md)`",
    "",
    "```md",
    "[neither](is-this.md)",
    "```",
  ];
  const brokenPage = [
    "[file](missing.md)",
    "[anchor](other.md#not-there)",
    "[self](#twice-2)",
    "[number](other.md#there-1)",
    "[own](https://github.com/mcp-events/mcp-events/tree/main/packages/none)",
    "[outside](../../outside.md)",
    "[source](../src/a.ts#line-3)",
    "| [in a table](gone.md) |",
    "![image](gone.png)",
  ];
  const files = {
    "docs/page.md": page.join("\n"),
    "docs/broken.md": brokenPage.join("\n"),
    "docs/other.md": "# There",
    "docs/picture.png": "",
    "src/a.ts": "",
  };

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "links-"));
    for (const [path, text] of Object.entries(files)) {
      await mkdir(dirname(join(folder, path)), { recursive: true });
      await writeFile(join(folder, path), text);
    }
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));

  test("files, folders, headings, addresses of this repository; code is not read", () => {
    expect(new LinkChecker(folder).broken("docs/page.md")).toEqual([]);
  });

  test("each broken link is told with its line and what is wrong", () => {
    expect(new LinkChecker(folder).broken("docs/broken.md")).toEqual([
      "docs/broken.md:1: missing.md: no such file",
      "docs/broken.md:2: other.md#not-there: no such heading",
      "docs/broken.md:3: #twice-2: no such heading",
      "docs/broken.md:4: other.md#there-1: no such heading",
      "docs/broken.md:5: https://github.com/mcp-events/mcp-events/tree/main/packages/none: no such file",
      "docs/broken.md:6: ../../outside.md: leads out of the repository",
      "docs/broken.md:7: ../src/a.ts#line-3: an anchor in what is not Markdown",
      "docs/broken.md:8: gone.md: no such file",
      "docs/broken.md:9: gone.png: no such file",
    ]);
  });
});
