import { McpServer as McpServerV1 } from "@modelcontextprotocol/sdk/server/mcp.js";
import { McpServer as McpServerV2 } from "@modelcontextprotocol/server";
import { describe, expect, it } from "vitest";
import { createEventServer } from "./create-event-server";
import { note } from "./testing/setup";

const info = { name: "test", version: "0" };

describe.each([
  ["v1", () => new McpServerV1(info)],
  ["v2", () => new McpServerV2(info)],
])("attach to an McpServer of %s", (_, make) => {
  it("is idempotent for the server and what is inside it, and is released on close", async () => {
    const events = createEventServer();
    events.register(note);
    const server = make();
    expect(events.attach(server)).toBe(server);
    expect(events.attach(server)).toBe(server);
    events.attach(server.server);
    expect(events.stats().attached).toBe(1);
    await server.close();
    expect(events.stats().attached).toBe(0);
  });

  it("[pitfall 40]: a thousand servers made for one request each leave nothing behind", async () => {
    const events = createEventServer();
    events.register(note);
    for (let request = 0; request < 1_000; request += 1) {
      const server = make();
      events.attach(server);
      await server.close();
    }
    expect(events.stats()).toMatchObject({ attached: 0, timers: 0, readers: 0, views: 0 });
  });

  it("is refused after close", async () => {
    const events = createEventServer();
    await events.close();
    await events.close();
    expect(() => events.attach(make())).toThrow(expect.objectContaining({ code: "closed" }));
    expect(() => events.register(note)).toThrow(expect.objectContaining({ code: "closed" }));
  });
});

describe("attach", () => {
  it("refuses what is no MCP server", () => {
    const events = createEventServer();
    expect(() => events.attach({} as never)).toThrow(expect.objectContaining({ code: "attach_failed" }));
    expect(events.stats().attached).toBe(0);
  });
});
