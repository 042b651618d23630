import { join } from "node:path";
import { PassThrough } from "node:stream";
import { checkServer, listServerChecks, type Report } from "@mcp-events/conformance/server";
import { describe, expect, it, onTestFinished } from "vitest";
import type { SdkLine } from "../../src/options";
import { startEverything } from "../../src/start";
import { startApp } from "../support/app";
import { ALICE, FIXTURE, found, QUICK_FIXTURE, RUN } from "./support";

/** The built program. */
const MAIN = join(import.meta.dirname, "../../dist/main.js");

/** What is not tried, and why it cannot be there. */
const skipped = ({ results }: Report) =>
  Object.fromEntries(
    results.flatMap(({ id, status, detail }) => (status === "SKIPPED" ? [[id, detail]] : [])),
  );

const DECLARES = { "CAP-4.not-offered": "the server declares events" };
const OVER_HTTP = { "PUSH-7.cancelled": "over HTTP the abort leaves nothing to look at" };
const SESSION = { "CAP-5.result-type": "spoken to in a revision before 2026-07-28" };
const ONE_CALLER = {
  "HOOK-2.anonymous": "over stdio there is one caller only",
  "HOOK-3.isolation": "over stdio there is one caller only",
  "HOOK-16.identity": "over stdio there is no origin that could publish keys",
};

describe("the fixture passes every check", { timeout: 60_000 }, () => {
  it.each([
    { sdk: "v2", style: "modern", skips: { ...DECLARES, ...OVER_HTTP } },
    { sdk: "v2", style: "session", skips: { ...DECLARES, ...OVER_HTTP, ...SESSION } },
    { sdk: "v1", style: "session", skips: { ...DECLARES, ...OVER_HTTP, ...SESSION } },
  ] as const)("sdk $sdk, http, $style", async ({ sdk, style, skips }) => {
    const { url } = await startApp({ ...FIXTURE, sdk });
    const report = await checkServer({ url, headers: ALICE }, { ...RUN, style });
    expect(report.results).toHaveLength(listServerChecks().length);
    expect(found(report)).toEqual([]);
    expect(skipped(report)).toEqual(skips);
    expect(report.passed).toBe(true);
  });

  it.each([
    { sdk: "v2", style: "modern", skips: { ...DECLARES, ...ONE_CALLER } },
    { sdk: "v2", style: "session", skips: { ...DECLARES, ...ONE_CALLER, ...SESSION } },
    { sdk: "v1", style: "session", skips: { ...DECLARES, ...ONE_CALLER, ...SESSION } },
  ] as const)("sdk $sdk, stdio, $style", async ({ sdk, style, skips }) => {
    const report = await checkServer(await stdioFixture(sdk), { ...RUN, style });
    expect(found(report)).toEqual([]);
    expect(skipped(report)).toEqual(skips);
  });
});

it("by ordinary means alone: a type that fires by itself, no tools", { timeout: 30_000 }, async () => {
  const { url } = await startApp(FIXTURE);
  const own = { type: "ticker.tick", arguments: { intervalMs: 50 }, controls: false };
  const report = await checkServer({ url, headers: ALICE }, { ...RUN, ...own });
  expect(found(report)).toEqual([]);
  expect(report.counts.SUCCESS).toBeGreaterThan(60);
});

it("a tool of the server triggers the events", async () => {
  const { url } = await startApp(FIXTURE);
  const note = { id: "1", author: "ann", text: "hi" };
  const trigger = { tool: "emit", arguments: { name: "note.created", data: note } };
  const only = ["OCC-1", "POLL-3", "PUSH-2", "HOOK-9"];
  const report = await checkServer(
    { url, headers: ALICE },
    { ...RUN, type: "note.created", trigger, controls: false, only },
  );
  expect(report.counts).toMatchObject({ FAILURE: 0, WARNING: 0, SKIPPED: 0 });
});

it("a caller without a principal: what needs one is skipped with the reason", async () => {
  const { url } = await startApp(FIXTURE);
  const report = await checkServer({ url }, { ...RUN, only: ["HOOK-1", "HOOK-5", "HOOK-9", "POLL-1"] });
  expect(report.counts).toMatchObject({ FAILURE: 0, SUCCESS: 2 });
  expect(Object.values(skipped(report))[0]).toMatch(/give it a principal/);
});

it("a server that posts to public addresses only: deliveries are skipped with the reason", async () => {
  const { url } = await startApp({ ...FIXTURE, allowLoopbackWebhooks: false });
  const report = await checkServer(
    { url, headers: ALICE },
    { ...RUN, only: ["HOOK-5.https", "HOOK-9", "HOOK-15"] },
  );
  expect(report.counts).toMatchObject({ FAILURE: 0, SUCCESS: 2 });
  expect(Object.values(skipped(report))[0]).toMatch(/takes no callback on loopback/);
});

it("the sketch profile has its own numbers", async () => {
  const { url } = await startApp({ ...FIXTURE, profile: "sketch" });
  const only = ["POLL-5.unknown-name", "HOOK-7.wrong-echo"];
  const sketch = await checkServer({ url, headers: ALICE }, { ...RUN, profile: "sketch", only });
  expect(found(sketch)).toEqual([]);
  expect(found(await checkServer({ url, headers: ALICE }, { ...RUN, only }))).toEqual(only);
});

it("a program that is started and spoken to on stdio, and ended", async () => {
  const args = [MAIN, "--stdio", "--principal", "alice", "--log-level", "silent"];
  const report = await checkServer(
    { command: process.execPath, args },
    { ...RUN, only: ["POLL-1", "PUSH-2.active-first"] },
  );
  expect(report.counts).toMatchObject({ SUCCESS: 3, FAILURE: 0 });
});

it("a server that is not there is an error, not a report", async () => {
  await expect(checkServer({ url: "http://127.0.0.1:9/mcp" })).rejects.toThrow(/no connection/);
  await expect(checkServer({ url: "http://127.0.0.1:9/mcp" }, { only: ["X-1"] })).rejects.toThrow(RangeError);
});

async function stdioFixture(sdk: SdkLine) {
  const [toServer, toClient] = [new PassThrough(), new PassThrough()];
  const serving = { kind: "stdio", principal: "alice" } as const;
  const app = await startEverything(
    { ...QUICK_FIXTURE, sdk, serving },
    { stdin: toServer, stdout: toClient },
  );
  onTestFinished(() => app.close());
  return { input: toClient, output: toServer };
}
