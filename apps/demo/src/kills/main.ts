import { fileURLToPath } from "node:url";
import { type KillsMode, VICTIMS } from "./plan";
import { runKills } from "./run";

const serverScript = fileURLToPath(new URL("../../everything/dist/main.js", import.meta.url));
const [mode, sdks, victims, seed, kills] = process.argv.slice(2);
const m = mode as KillsMode;
const result = await runKills({
  seed: Number(seed),
  mode: m,
  serverScript,
  serverSdk: sdks!.slice(0, 2) as "v1",
  clientSdk: sdks!.slice(2) as "v1",
  victims: victims === "all" ? VICTIMS[m] : [victims as "client"],
  kills: Number(kills),
  window: 0,
});
process.stdout.write(JSON.stringify(result, null, 1) + "\n");
