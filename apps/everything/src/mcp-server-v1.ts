import { McpServer } from "@modelcontextprotocol/sdk/server/mcp.js";
import { AjvJsonSchemaValidator } from "@modelcontextprotocol/sdk/validation/ajv";
import type { Fixture } from "./fixture";
import { VERSION } from "./help";
import { taskServerOptions } from "./tasks/fixture-tasks";
import { registerRunTask } from "./tasks/run-task";
import { answer } from "./tools/tool";

/** Shared: making one for each request is most of what a server costs. */
const jsonSchemaValidator = new AjvJsonSchemaValidator();

/** An MCP server of the v1 line, with the fixture's tools, attached to its event engine. */
export function mcpServerV1(fixture: Fixture): McpServer {
  const { tasks, logger } = fixture;
  const server = new McpServer(
    { name: "mcp-events-everything", version: VERSION },
    { jsonSchemaValidator, ...(tasks !== undefined && taskServerOptions(tasks)) },
  );
  for (const tool of fixture.tools) {
    const { name, title, description, input } = tool;
    server.registerTool(name, { title, description, inputSchema: input }, (args: unknown) =>
      answer(tool, fixture, args),
    );
  }
  if (tasks !== undefined) registerRunTask(server, tasks, logger);
  fixture.events.attach(server);
  return server;
}
