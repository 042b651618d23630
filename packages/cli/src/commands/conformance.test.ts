import { PassThrough } from "node:stream";
import { text } from "node:stream/consumers";
import { expect, it } from "vitest";
import { listed, onHttp, quietServer } from "../../../conformance/src/testing/foreign-server";
import { runCli } from "../run-cli";

const inputSchema = { type: "object", required: ["author"], properties: { author: { enum: ["ann"] } } };

async function checked(...words: string[]) {
  const asked: unknown[] = [];
  const url = await onHttp(
    quietServer({
      "events/list": () => ({ result: { events: [listed("note", { inputSchema })] } }),
      "events/poll": ({ arguments: args }) => {
        asked.push(args);
        return { result: { events: [], truncated: false, hasMore: false } };
      },
    }),
  );
  const [stdout, stderr] = [new PassThrough(), new PassThrough()];
  const argv = ["conformance", ...words, "--only", "POLL-1.result", "--url", url];
  const code = await runCli(argv, { env: {}, stdout, stderr });
  stdout.end();
  stderr.end();
  return { code, asked: asked.at(-1), stderr: await text(stderr) };
}

it("a type without arguments is asked with those that can be guessed", async () => {
  expect(await checked("note")).toMatchObject({ code: 0, asked: { author: "ann" } });
});

it("arguments that are given are asked with", async () => {
  expect(await checked("note", "author=bob")).toMatchObject({ code: 0, asked: { author: "bob" } });
});

it("a type that is misspelt is told, and is exit code 2", async () => {
  const { code, stderr } = await checked("notes");
  expect({ code, stderr }).toMatchObject({
    code: 2,
    stderr: expect.stringContaining('no event type "notes", but note'),
  });
});
