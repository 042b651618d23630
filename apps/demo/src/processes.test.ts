import { spawn } from "node:child_process";
import { once } from "node:events";
import { expect, it } from "vitest";
import { endProcesses } from "./processes";

function start(script: string) {
  return spawn(process.execPath, ["-e", script], { stdio: ["ignore", "pipe", "ignore"] });
}

it("kills what does not end by itself, and leaves alone what is gone", async () => {
  const stubborn = start("process.on('SIGTERM', () => {}); setInterval(() => {}, 1000); console.log('up')");
  const gone = start("");
  await Promise.all([once(stubborn.stdout, "data"), once(gone, "exit")]);
  const exited = once(stubborn, "exit");
  await endProcesses([stubborn.pid as number, gone.pid as number], 50);
  expect(await exited).toEqual([null, "SIGKILL"]);
});

it("waits for what ends by itself", async () => {
  const ending = start("console.log('up'); process.stdin.resume(); setTimeout(() => process.exit(7), 50)");
  await once(ending.stdout, "data");
  const exited = once(ending, "exit");
  await endProcesses([ending.pid as number], 10_000);
  expect(await exited).toEqual([7, null]);
});
