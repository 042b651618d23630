import { defineConfig } from "tsup";

export default defineConfig({
  entry: {
    main: "src/main.ts",
    "push-server": "src/push-server.ts",
    "webhook-receiver": "src/webhook-receiver.ts",
  },
  format: "esm",
  target: "es2023",
  platform: "node",
  clean: true,
});
