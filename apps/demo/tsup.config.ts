import { defineConfig } from "tsup";

/** One entry for each process of the demo. */
export default defineConfig({
  entry: {
    main: "src/main.ts",
    server: "src/server.ts",
    "stdio-relay": "src/stdio-relay.ts",
    "killed-client": "src/killed-client.ts",
  },
  format: "esm",
  target: "es2023",
  platform: "node",
  clean: true,
  sourcemap: true,
  splitting: true,
});
