import { McpServer } from "@modelcontextprotocol/server";
import type { Fixture } from "./fixture";
import { VERSION } from "./help";
import { answer } from "./tools/tool";

/** An MCP server of the v2 line, with the fixture's tools, attached to its event engine. */
export function mcpServerV2(fixture: Fixture): McpServer {
  const server = new McpServer({ name: "mcp-events-everything", version: VERSION });
  for (const tool of fixture.tools) {
    const { name, title, description, input } = tool;
    server.registerTool(name, { title, description, inputSchema: input }, (args) =>
      answer(tool, fixture, args),
    );
  }
  fixture.events.attach(server);
  return server;
}
