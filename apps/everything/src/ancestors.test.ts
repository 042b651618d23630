import { expect, it } from "vitest";
import { isPackageManager } from "./ancestors";

it.each([
  "npm exec pnpm@12.21.0 --silent everything --http 0 ",
  "node /root/.npm/_npx/5f/node_modules/.bin/pnpm --silent everything ",
  "/usr/bin/node /usr/lib/node_modules/npm/bin/npx-cli.js -y pnpm ",
  "node /opt/pnpm/bin/pnpm.mjs everything",
  "/usr/local/bin/pnpm everything",
])("knows a package manager: %s", (commandLine) => {
  expect(isPackageManager(commandLine)).toBe(true);
});

it.each([
  "sh -c npx -y pnpm everything ",
  "bash -c npm test & exit",
  "node /work/apps/everything/dist/main.js --http 0",
  "vim /home/me/npm",
  "node /home/npm/server.js",
  "",
])("takes nothing else for one: %s", (commandLine) => {
  expect(isPackageManager(commandLine)).toBe(false);
});
