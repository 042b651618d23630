import { StdioServerTransport } from "@modelcontextprotocol/sdk/server/stdio.js";
import { serveStdio as serveStdioV2 } from "@modelcontextprotocol/server/stdio";
import { bareServers, engineServers } from "./mcp-server";
import { rawStdio } from "./raw";

/** Serves one path on stdin and stdout: `raw`, or a kind of server with an SDK line. */
export async function serveStdio(path: string): Promise<void> {
  process.stdin.once("close", () => process.exit());
  if (path === "raw") return rawStdio();
  const servers = path.startsWith("engine") ? engineServers() : bareServers();
  if (path.endsWith("v2")) serveStdioV2(() => servers.v2());
  else await servers.v1().connect(new StdioServerTransport());
}
