import { appendFileSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { appendLine, digestOf, readLines } from "./record";

let directory: string;
let file: string;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "mcp-events-demo-test-"));
  file = join(directory, "record.jsonl");
});

afterEach(() => rmSync(directory, { recursive: true }));

it("reads the lines that were appended", () => {
  appendLine(file, { n: 1 });
  appendLine(file, { n: 2 });
  expect(readLines(file)).toEqual([{ n: 1 }, { n: 2 }]);
});

it("leaves out a last line that was not finished", () => {
  appendLine(file, { n: 1 });
  appendFileSync(file, '{"n":2');
  expect(readLines(file)).toEqual([{ n: 1 }]);
});

it("reads a file that was never written as empty", () => {
  expect(readLines(file)).toEqual([]);
});

it("tells payloads apart", () => {
  expect(digestOf('{"a":1}')).toBe(digestOf('{"a":1}'));
  expect(digestOf('{"a":1}')).not.toBe(digestOf('{"a":2}'));
});
