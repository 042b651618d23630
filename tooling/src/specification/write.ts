import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { root } from "../workspace";
import { SPECIFICATIONS } from "./documents";
import { generate } from "./generate";

// Writes the schemas of the specifications: npx tsx tooling/src/specification/write.ts
const folder = join(root, "docs", "specification", "schema");
mkdirSync(folder, { recursive: true });
for (const document of SPECIFICATIONS) {
  for (const { name, text } of await generate(document)) writeFileSync(join(folder, name), text);
}
