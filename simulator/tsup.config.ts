import { defineConfig } from "tsup";

export default defineConfig({
  entry: { main: "src/main.ts", worker: "src/worker.ts" },
  format: "esm",
  target: "es2023",
  platform: "node",
  clean: true,
  sourcemap: true,
});
