import type { Client as ClientV1 } from "@modelcontextprotocol/sdk/client/index.js";
import type { Transport } from "@modelcontextprotocol/sdk/shared/transport.js";
import { usageError } from "../failures/cli-error";
import type { Target } from "../options/target";
import type { Environment, MakeSdkClient } from "./sdk-client";

/**
 * Loads a client of `@modelcontextprotocol/sdk`, which is installed by those who want it.
 *
 * @throws CliError (usage) when it is not installed.
 */
export async function loadV1(): Promise<MakeSdkClient> {
  const [{ Client }, { StdioClientTransport }, { StreamableHTTPClientTransport }] = await Promise.all([
    import("@modelcontextprotocol/sdk/client/index.js"),
    import("@modelcontextprotocol/sdk/client/stdio.js"),
    import("@modelcontextprotocol/sdk/client/streamableHttp.js"),
  ]).catch((cause: unknown) => {
    if ((cause as NodeJS.ErrnoException).code !== "ERR_MODULE_NOT_FOUND") throw cause;
    throw usageError(
      "--sdk v1 needs @modelcontextprotocol/sdk, which is not installed",
      "npm install @modelcontextprotocol/sdk beside @mcp-events/cli, or leave --sdk out.",
    );
  });
  const transportTo = (target: Target, env: Environment) =>
    target.kind === "http"
      ? new StreamableHTTPClientTransport(target.url, { requestInit: { headers: { ...target.headers } } })
      : new StdioClientTransport({ command: target.command, args: [...target.args], env: { ...env } });
  return (info, target, env) => {
    const mcp = new Client(info);
    const transport = transportTo(target, env) as Transport & { protocolVersion?: string };
    return {
      mcp,
      serverInfo: () => versionOf(mcp),
      revision: () => transport.protocolVersion,
      connect: (timeout) => mcp.connect(transport, { timeout }),
      close: () => mcp.close(),
    };
  };
}

function versionOf(mcp: ClientV1) {
  return mcp.getServerVersion() as { name: string; version: string } | undefined;
}
