import { readFileSync } from "node:fs";
import { join } from "node:path";
import { defineConfig } from "tsup";

/**
 * The one build of every package: each entry of `exports` is built from the source file of the same name
 * (`.` from `src/index.ts`, `./x` from `src/x.ts`), and so is each program of `bin` (`dist/x.js` from `src/x.ts`).
 */
export function library(packageDir: string) {
  const manifest = JSON.parse(readFileSync(join(packageDir, "package.json"), "utf8")) as {
    exports: Record<string, unknown>;
    bin?: Record<string, string>;
  };
  const entries = Object.keys(manifest.exports)
    .filter((name) => name !== "./package.json")
    .map((name) => `src/${name === "." ? "index" : name.slice(2)}.ts`);
  const programs = Object.values(manifest.bin ?? {}).map((path) =>
    path.replace(/^\.\/dist\/(.*)\.js$/, "src/$1.ts"),
  );
  return defineConfig({
    entry: [...entries, ...programs],
    format: "esm",
    target: "es2023",
    platform: "neutral",
    clean: true,
    sourcemap: true,
    splitting: true,
    treeshake: true,
    // Workers know `node:crypto`, and no `crypto`.
    removeNodeProtocol: false,
    external: [/^node:/],
    dts: { compilerOptions: { ignoreDeprecations: "6.0" } },
  });
}
