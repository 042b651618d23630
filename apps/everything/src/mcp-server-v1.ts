import { McpServer } from "@modelcontextprotocol/sdk/server/mcp.js";
import type { Fixture } from "./fixture";
import { version } from "./help";
import { answer } from "./tools/tool";

/** An MCP server of the v1 line, with the fixture's tools, attached to its event engine. */
export function mcpServerV1(fixture: Fixture): McpServer {
  const server = new McpServer({ name: "mcp-events-everything", version: version() });
  for (const tool of fixture.tools) {
    const { name, title, description, input } = tool;
    server.registerTool(name, { title, description, inputSchema: input }, (args: unknown) =>
      answer(tool, fixture, args),
    );
  }
  fixture.events.attach(server);
  return server;
}
