import { defineConfig } from "tsup";

export default defineConfig({
  entry: { main: "src/main.ts", "push-server": "src/push-server.ts" },
  format: "esm",
  target: "es2023",
  platform: "node",
  clean: true,
});
