import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { defineConfig } from "vitest/config";

const root = import.meta.dirname;

/** Tests read the packages' sources, by the same rule the build follows: `./x` is `src/x.ts`. */
function sourceAliases() {
  return readdirSync(join(root, "packages")).flatMap((folder) => {
    const dir = join(root, "packages", folder);
    const manifest = JSON.parse(readFileSync(join(dir, "package.json"), "utf8"));
    return Object.keys(manifest.exports)
      .filter((entry) => entry !== "./package.json")
      .map((entry) => ({
        find: new RegExp(`^${manifest.name}${entry.slice(1)}$`),
        replacement: join(dir, "src", `${entry === "." ? "index" : entry.slice(2)}.ts`),
      }));
  });
}

export default defineConfig({
  resolve: { alias: sourceAliases() },
  test: {
    include: [
      "packages/*/{src,test}/**/*.test.ts",
      "apps/*/{src,test}/**/*.test.ts",
      "tooling/**/*.test.ts",
      "docs/**/*.test.ts",
      "docs-site/src/**/*.test.ts",
      "bench/**/*.test.ts",
      "simulator/src/**/*.test.ts",
    ],
    reporters: ["default", "./tooling/src/summary-reporter.ts"],
    maxWorkers: "100%",
    testTimeout: 15_000,
    restoreMocks: true,
  },
});
