import { existsSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import type { KillsPlan } from "../src/kills/plan";

const KILLS = join(import.meta.dirname, "../dist/kills-run.js");
const SERVER = join(import.meta.dirname, "../../everything/dist/main.js");

for (const path of [KILLS, SERVER]) {
  if (!existsSync(path)) throw new Error(`${path} is not there: build first (pnpm build)`);
}

/** As it was built: it starts the processes that lie beside it. */
const { runKills }: typeof import("../src/kills/run") = await import(KILLS);

type Run = Pick<KillsPlan, "mode" | "victims" | "kills" | "seed"> & Partial<KillsPlan>;

const plan = (run: Run): KillsPlan => ({ serverScript: SERVER, serverSdk: "v2", clientSdk: "v2", ...run });

describe("processes killed with SIGKILL", () => {
  it.each<Run>([
    { mode: "stdio", victims: ["client"], kills: 2, seed: 1, serverSdk: "v1", clientSdk: "v1" },
    { mode: "stdio", victims: ["server"], kills: 2, seed: 2 },
    { mode: "stdio", victims: ["proxy"], kills: 2, seed: 3 },
    { mode: "push", victims: ["client"], kills: 3, seed: 4 },
    { mode: "push", victims: ["server"], kills: 3, seed: 5, serverSdk: "v1", clientSdk: "v1" },
    { mode: "push", victims: ["proxy"], kills: 3, seed: 6 },
    { mode: "poll", victims: ["client"], kills: 3, seed: 7, serverSdk: "v1", clientSdk: "v1" },
    { mode: "poll", victims: ["server"], kills: 3, seed: 8 },
    { mode: "poll", victims: ["proxy"], kills: 3, seed: 9, clientSdk: "v1" },
    { mode: "webhook", victims: ["client"], kills: 3, seed: 10, window: 16 },
    { mode: "webhook", victims: ["server"], kills: 2, seed: 11, serverSdk: "v1", clientSdk: "v1" },
    { mode: "webhook", victims: ["proxy"], kills: 3, seed: 12, window: 16 },
    { mode: "receiver", victims: ["receiver"], kills: 3, seed: 13, window: 16 },
    { mode: "receiver", victims: ["client", "server"], kills: 2, seed: 14, serverSdk: "v1", clientSdk: "v1" },
  ])(
    "ORD-1 ORD-2 ORD-3 ORD-7 ORD-9: $mode, kills of $victims, server $serverSdk, seed $seed",
    async (run) => {
      const result = await runKills(plan(run));
      expect(result.problems).toEqual([]);
      expect(result.handled).toBeGreaterThan(0);
      expect(result.ticks).toBeGreaterThan(0);
    },
    120_000,
  );

  it.each<Run>([
    { mode: "stdio", victims: ["client", "server", "proxy"], kills: 3, seed: 21 },
    { mode: "push", victims: ["server", "client", "proxy"], kills: 5, seed: 22 },
    { mode: "poll", victims: ["proxy", "server", "client"], kills: 5, seed: 23 },
    { mode: "webhook", victims: ["client", "server", "proxy"], kills: 4, seed: 24, window: 16 },
    { mode: "receiver", victims: ["receiver", "proxy", "server", "client"], kills: 4, seed: 25 },
  ])(
    "ORD-1 ORD-2 ORD-3 ORD-7 ORD-9: $mode, all in turn, seed $seed",
    async (run) => {
      const result = await runKills(plan(run));
      expect(result.problems).toEqual([]);
      expect(new Set(result.killed)).toEqual(new Set(run.victims));
    },
    120_000,
  );

  it("a client that forgets its positions is caught", async () => {
    const run = plan({ mode: "push", victims: ["client"], kills: 2, seed: 31, forgetful: true });
    const { problems } = await runKills(run);
    expect(problems.join("\n")).toMatch(/missing before .* no gap said so|at the end never came/);
    expect(problems.join("\n")).toContain("seed 31");
  }, 120_000);
});
