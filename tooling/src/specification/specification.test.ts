import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { WIRE_CODES } from "@mcp-events/protocol";
import { describe, expect, test } from "vitest";
import type * as z from "zod";
import { GUARANTEES, RULES } from "../requirements/ordering";
import { root } from "../workspace";
import { commentsIn } from "./comments";
import { SPECIFICATIONS } from "./documents";
import { messageExamples } from "./examples";
import { generate } from "./generate";

const folder = join(root, "docs", "specification");
const read = (path: string) => readFileSync(join(folder, path), "utf8");

describe.each(SPECIFICATIONS)("$file", (specification) => {
  const path = `${specification.file}.md`;

  test("its schemas are those of the packages; `pnpm run specification` writes them anew", async () => {
    for (const { name, text } of await generate(specification)) {
      expect(read(`schema/${name}`), name).toBe(text);
    }
  });

  test("its examples fit their schemas", () => {
    const examples = messageExamples(read(path), path);
    expect(examples).not.toEqual([]);
    for (const { schema, text, line } of examples) {
      const where = `${path}:${line}: ${schema}`;
      const found: z.ZodType | undefined = specification.schemas[schema];
      expect(found?.safeParse(JSON.parse(text)).error?.issues ?? [], where).toEqual([]);
      expect(found, where).toBeDefined();
    }
  });
});

test("nothing else lies among the schemas", async () => {
  const generated = (await Promise.all(SPECIFICATIONS.map(generate))).flat().map(({ name }) => name);
  expect(readdirSync(join(folder, "schema")).sort()).toEqual(generated.sort());
});

test("the table of conformance says of every guarantee and rule of the ordering extension whose it is", () => {
  const [, text = ""] = read("ordering.md").split("\n## Conformance\n");
  const ids: string[] = text.match(/\b(ORD|RULE)-\d+\b/g) ?? [];
  const all = [...Object.keys(GUARANTEES), ...Object.keys(RULES)];
  expect(all.filter((id) => !ids.includes(id))).toEqual([]);
  expect(ids.filter((id) => !all.includes(id))).toEqual([]);
});

test("every guarantee and rule stands beside a requirement of the ordering extension", () => {
  const [text = ""] = read("ordering.md").split("\n### Guarantees\n");
  const ids = [...text.matchAll(/\[([^\]]+)\]/g)].flatMap(
    ([, marks]) => marks?.match(/\b(ORD|RULE)-\d+\b/g) ?? [],
  );
  const all = [...Object.keys(GUARANTEES), ...Object.keys(RULES)];
  expect(all.filter((id) => !ids.includes(id))).toEqual([]);
  expect(ids.filter((id) => !all.includes(id))).toEqual([]);
});

test("the table of errors has the numbers of both profiles", () => {
  const rows = [...read("events.md").matchAll(/^\| (\w+) \| (-\d+) \| (-\d+) \|/gm)];
  const codes = rows.map(([, name = "", sep, sketch]) => [name, Number(sep), Number(sketch)]);
  const expected = Object.entries(WIRE_CODES["sep-3415"]).map(([name, code]) => [
    name,
    code,
    WIRE_CODES.sketch[name as keyof typeof WIRE_CODES.sketch],
  ]);
  expect(codes).toEqual(expected);
});

describe("how sources and documents are read", () => {
  test("comments above a schema and above its members", () => {
    const source = `
      /** A place, see {@link Other}. */
      export const placeSchema = z.object({
        /** How far. */
        through: z.number(),
        log: z.string(),
      });`;

    expect(commentsIn(source)).toEqual([
      ["placeSchema", { text: "A place, see `Other`.", members: new Map([["through", "How far."]]) }],
    ]);
  });

  test("a JSON block names its schema, or is an error that names the line", () => {
    const fence = "```";
    const block = (info: string) => `# Title\n\n${fence}json${info}\n{}\n${fence}\n`;
    expect(messageExamples(block(" Place"), "x.md")).toEqual([{ schema: "Place", text: "{}\n", line: 3 }]);
    expect(() => messageExamples(block(""), "x.md")).toThrow("x.md:3: say which schema");
  });
});
