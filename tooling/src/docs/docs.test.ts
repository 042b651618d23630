import { mkdtemp, rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { testServer } from "../../../packages/store-nats/src/testing/nats-server";
import { filesBelow, root, workspacePackages } from "../workspace";
import { blocksOf, parseBlocks } from "./blocks";
import { buildBlocks, compileProblems, copyModules, runBlock, writeBlocks } from "./project";

const documents = [
  "README.md",
  ...filesBelow("docs", ".md"),
  ...[...workspacePackages("packages"), ...workspacePackages("apps")].flatMap(({ folder }) =>
    filesBelow(folder, "README.md"),
  ),
  ...filesBelow(".", "CONTRIBUTING.md"),
].map((path) => ({ path, blocks: blocksOf(path) }));

const withCode = documents.filter(({ blocks }) => blocks.length > 0);

/** Examples of stores find a server by `NATS_URL`. */
let nats: Awaited<ReturnType<typeof testServer>>;
let parent: string;
const modules: string[] = [];
const folderOf = (path: string) => join(parent, path.replaceAll("/", "-"));

beforeAll(async () => {
  nats = await testServer();
  process.env.NATS_URL = nats.url;
  parent = await mkdtemp(join(root, "tooling", ".docs-"));
  for (const { path, blocks } of withCode) {
    await writeBlocks(folderOf(path), blocks);
    modules.push(...(await copyModules(dirname(path), folderOf(path))));
  }
});
afterAll(async () => {
  await nats.close();
  await rm(parent, { recursive: true, force: true });
});

test("the README has code, and it is found", () => {
  expect(blocksOf("README.md").map(({ file }) => file)).toEqual(["server.ts", "client.ts"]);
});

test("code of the documentation compiles", { timeout: 60_000 }, () => {
  const files = withCode.flatMap(({ path, blocks }) => blocks.map(({ file }) => join(folderOf(path), file)));
  expect(compileProblems([...files, ...modules])).toEqual([]);
});

describe.each(withCode.filter(({ blocks }) => blocks.some(({ kind }) => kind === "run")))(
  "$path",
  ({ path, blocks }) => {
    beforeAll(() => buildBlocks(folderOf(path), blocks), 30_000);

    const runnable = blocks.filter(({ kind }) => kind === "run");
    test.each(runnable)("line $line runs: $file", { timeout: 30_000 }, async (block) => {
      const { code, output } = await runBlock(folderOf(path), block);
      expect(code, output).toBe(0);
      if (block.output !== undefined) expect(output).toBe(block.output);
    });
  },
);

describe("how blocks are read", () => {
  const fence = "```";

  test("a block without a word is an error that names the line", () => {
    expect(() => parseBlocks(`# Title\n\n${fence}ts\nlet a;\n${fence}\n`, "x.md")).toThrow(
      'x.md:3: say "ts run"',
    );
  });

  test("kind, file, and the text to wait for", () => {
    const text = `${fence}ts run until="it works"\n// file: a.ts\nlet a;\n${fence}\n${fence}sh\nls\n${fence}\n`;
    const expected = { kind: "run", file: "a.ts", until: "it works", line: 1 };
    expect(parseBlocks(text, "x.md")).toMatchObject([expected]);
  });

  test("what a block has to print stands in the block after it", () => {
    const shown = `${fence}text output\n1 of 2\n${fence}\n`;
    const text = `${fence}ts run\nlet a;\n${fence}\n\nIt prints:\n\n${shown}`;
    expect(parseBlocks(text, "x.md")).toMatchObject([{ kind: "run", output: "1 of 2\n" }]);
    expect(() => parseBlocks(shown, "x.md")).toThrow('x.md:1: no "ts run" above this output');
  });
});
