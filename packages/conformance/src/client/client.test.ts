import { describe, expect, it } from "vitest";
import { checkClient, commandDriver, listClientChecks, type Report } from "../client";
import { eventClientDriver } from "../testing/event-client-driver";
import { SMALL_HEARTBEAT_MS, smallClient } from "../testing/small-client";

const WAITS = { heartbeatMs: SMALL_HEARTBEAT_MS, quietMs: 60, nextPollMs: 200 };
const RIGHT = { ...WAITS, patienceMs: 5_000 };
const WRONG = { ...WAITS, patienceMs: 700 };

const notRight = ({ results }: Report) => results.filter(({ status }) => status !== "SUCCESS");

describe("clients", { timeout: 30_000 }, () => {
  it.each(["v1", "v2-modern"] as const)("the event client passes on the SDK line %s", async (line) => {
    const report = await checkClient(eventClientDriver(line, SMALL_HEARTBEAT_MS), line, RIGHT);
    expect(notRight(report)).toEqual([]);
  });

  it("a client without any SDK passes", async () => {
    expect(notRight(await checkClient(smallClient(), "small client", RIGHT))).toEqual([]);
  });

  it("a program of any language is started for each check and ended after it", async () => {
    const program = `process.stdout.write("noise\\n" + JSON.stringify({ eventId: process.env.MCP_EVENTS_MODE }) + "\\n");
      setInterval(() => {}, 1000);`;
    const driver = commandDriver(process.execPath, ["-e", program]);
    const running = await driver({ url: "http://127.0.0.1:9/mcp", type: "t", mode: "poll" });
    await expect.poll(() => running.seen(), { timeout: 10_000 }).toEqual([{ eventId: "poll" }]);
    await running.stop();
  });

  it.each(listClientChecks().map(({ id }) => id))("%s finds out a client that does it wrong", async (id) => {
    const report = await checkClient(smallClient(id), "small client with a flaw", { ...WRONG, only: [id] });
    const [result] = report.results;
    expect(result).toMatchObject({ status: result?.severity === "MUST" ? "FAILURE" : "WARNING" });
  });
});
