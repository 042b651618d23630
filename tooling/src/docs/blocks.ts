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
  /** From the next block, when it is ```` ```text output ````: all that this one has to print. */
  output: string | undefined;
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
    const line = text.slice(0, match.index).split("\n").length;
    if (language === "text" && info === " output") {
      const above = blocks.at(-1);
      if (above?.kind !== "run") throw new Error(`${path}:${line}: no "ts run" above this output`);
      above.output = source;
    }
    if (language !== "ts") continue;
    const kind = /^ (run|check)\b/.exec(info)?.[1];
    if (kind !== "run" && kind !== "check") throw new Error(`${path}:${line}: say "ts run" or "ts check"`);
    const file = /^\/\/ file: (\S+\.ts)$/m.exec(source.split("\n", 1)[0] ?? "")?.[1] ?? `block-${line}.ts`;
    const until = /until="([^"]+)"/.exec(info)?.[1];
    blocks.push({ kind, file, source, until, output: undefined, line });
  }
  return blocks;
}
