import { readFileSync } from "node:fs";
import { join } from "node:path";
import { root } from "../workspace";

/**
 * One TypeScript block of a document. Its first line may name its file (`// file: server.ts`); the other blocks of the
 * document may import it or, once built, start it (`node server.js`).
 */
export interface DocBlock {
  /** `check`: it compiles. `run`: it compiles, runs, and ends by itself with exit code 0. */
  kind: "check" | "run";
  file: string;
  source: string;
  /** From `ts run until="…"`: the text to appear on stdout, after which the block is stopped. */
  until: string | undefined;
  /** Where the block begins, for messages. */
  line: number;
}

/** The blocks of a Markdown document that are code for TypeScript; throws when one says neither `run` nor `check`. */
export function blocksOf(path: string): DocBlock[] {
  return parseBlocks(readFileSync(join(root, path), "utf8"), path);
}

export function parseBlocks(text: string, path: string): DocBlock[] {
  const blocks: DocBlock[] = [];
  for (const match of text.matchAll(/^```(\w+)?([^\n]*)\n(.*?)^```$/gms)) {
    const [, language, info = "", source = ""] = match;
    if (language !== "ts") continue;
    const line = text.slice(0, match.index).split("\n").length;
    const kind = /^ (run|check)\b/.exec(info)?.[1];
    if (kind !== "run" && kind !== "check") throw new Error(`${path}:${line}: say "ts run" or "ts check"`);
    const file = /^\/\/ file: (\S+\.ts)$/m.exec(source.split("\n", 1)[0] ?? "")?.[1] ?? `block-${line}.ts`;
    blocks.push({ kind, file, source, until: /until="([^"]+)"/.exec(info)?.[1], line });
  }
  return blocks;
}
