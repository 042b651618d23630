import { stdio } from "@mcp-events/transport-stdio";
import { StdioServerTransport } from "@modelcontextprotocol/server/stdio";
import { tickServer } from "./tick.js";

const clock = tickServer({ transports: [stdio()] });
const server = clock.mcpServer();
server.registerTool("emit", { description: "Ticks twenty times" }, async () => {
  await clock.emit(20);
  return { content: [] };
});
await server.connect(new StdioServerTransport());
