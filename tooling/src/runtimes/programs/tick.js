import { defineEvent } from "@mcp-events/protocol";
import { createEventServer } from "@mcp-events/server";
import { McpServer } from "@modelcontextprotocol/server";
import * as z from "zod";

const ticked = defineEvent("tick", { description: "It ticked", payloadSchema: z.object({ n: z.int() }) });

/** An event server with one type, `tick`. */
export function tickServer(options) {
  const events = createEventServer(options);
  const ticks = events.register(ticked);
  return {
    events,
    async emit(count) {
      for (let n = 1; n <= count; n += 1) await ticks.emit({ n });
    },
    /** An MCP server that the events are attached to. */
    mcpServer() {
      const server = new McpServer({ name: "clock", version: "1.0.0" });
      events.attach(server);
      return server;
    },
  };
}
