import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { createInterface } from "node:readline";
import type { Entry, EventLog } from "@mcp-events/ordering";
import { expect, it, onTestFinished } from "vitest";
import { sqliteStore } from "./sqlite-store";
import { freshPath } from "./testing/folder";

const KEY = "k".repeat(32);
const ROOT = join(import.meta.dirname, "..", "..", "..");
const SCRIPT = join(import.meta.dirname, "testing", "appender.ts");

interface Answered {
  readonly numbers: number[];
  through: number;
}

/** Runs the appender and kills it so long after it started; says what it was answered. */
async function killedAfter(ms: number, path: string, first: number): Promise<Answered> {
  const child = spawn(process.execPath, ["--import", "tsx", SCRIPT, path, String(first), KEY], {
    cwd: ROOT,
    stdio: ["ignore", "pipe", "inherit"],
  });
  onTestFinished(() => void child.kill("SIGKILL"));
  const closed = once(child, "close");
  const answered: Answered = { numbers: [], through: 0 };
  for await (const line of createInterface({ input: child.stdout })) {
    const said = JSON.parse(line) as { started?: true; numbers?: number[]; through?: number };
    if (said.started === true) setTimeout(() => child.kill("SIGKILL"), ms);
    answered.numbers.push(...(said.numbers ?? []));
    answered.through = said.through ?? answered.through;
  }
  const [, signal] = await closed;
  expect(signal).toBe("SIGKILL");
  return answered;
}

function kept(log: EventLog): readonly Entry[] {
  const page = log.read({ after: 0, limit: 100_000 });
  if (page instanceof Promise) throw new Error("it answers at once");
  return page.entries;
}

it("ORD-7: killed at any point under load, what was answered is there, in order, once", {
  timeout: 120_000,
}, async () => {
  const path = freshPath();
  let next = 0;
  let epoch: number | undefined;
  for (let round = 0; round < 8; round += 1) {
    const answered = await killedAfter(5 + Math.random() * 250, path, next);
    const store = sqliteStore(path, { secretKey: KEY });
    const log = store.open("events");
    const entries = kept(log);
    const numbers = entries.map(({ data }) => data.n as number);
    const oldest = numbers[0] ?? 0;
    expect(numbers).toEqual(Array.from(numbers, (_, index) => oldest + index));
    expect(answered.numbers.filter((n) => n >= oldest && n > numbers.at(-1)!)).toEqual([]);
    for (const { data } of entries.slice(-7)) {
      expect((data.of as number) + (data.size as number) - 1).toBeLessThanOrEqual(numbers.at(-1)!);
    }
    const head = log.head() as { epoch: number; seq: number };
    expect(head.seq).toBe(entries.at(-1)!.seq);
    epoch ??= head.epoch;
    expect(head.epoch).toBe(epoch);
    const place = store.webhooks.subscriptions.place("sub_a") as { through: number };
    expect(place.through).toBeGreaterThanOrEqual(answered.through);
    store.close();
    next = numbers.at(-1)! + 1;
  }
  expect(next).toBeGreaterThan(100);
});
