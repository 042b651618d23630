import { defineConfig } from "tsup";

/** One entry for each process of the demo. */
export default defineConfig({
  entry: {
    main: "src/main.ts",
    server: "src/server.ts",
    "stdio-relay": "src/stdio-relay.ts",
    "killed-client": "src/killed-client.ts",
    kills: "src/kills/main.ts",
    "kills-run": "src/kills/run.ts",
    "kills-client": "src/kills/client-process.ts",
    "kills-proxy": "src/kills/proxy-process.ts",
    "kills-relay": "src/kills/relay-process.ts",
    "kills-receiver": "src/kills/receiver-process.ts",
    "kills-subscriber": "src/kills/subscriber-process.ts",
  },
  format: "esm",
  target: "es2023",
  platform: "node",
  clean: true,
  sourcemap: true,
  splitting: true,
});
