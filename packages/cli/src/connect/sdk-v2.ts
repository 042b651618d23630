import { Client, StreamableHTTPClientTransport } from "@modelcontextprotocol/client";
import { StdioClientTransport } from "@modelcontextprotocol/client/stdio";
import type { Target } from "../options/target";
import type { Environment, MakeSdkClient } from "./sdk-client";

/** A client of `@modelcontextprotocol/client`: it agrees on 2026-07-28 or on an older revision, as the server can. */
export const makeV2: MakeSdkClient = (info, target, env) => {
  const mcp = new Client(info, { versionNegotiation: { mode: "auto" } });
  return {
    mcp,
    serverInfo: () => mcp.getServerVersion(),
    revision: () => mcp.getNegotiatedProtocolVersion(),
    connect: (timeout) => mcp.connect(transportTo(target, env), { timeout }),
    close: () => mcp.close(),
  };
};

function transportTo(target: Target, env: Environment) {
  if (target.kind === "http") {
    return new StreamableHTTPClientTransport(target.url, { requestInit: { headers: { ...target.headers } } });
  }
  return new StdioClientTransport({ command: target.command, args: [...target.args], env: { ...env } });
}
