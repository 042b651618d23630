import { createEventClient, type McpClientLike } from "@mcp-events/client";
import { http } from "@mcp-events/transport-http";
import { Client as ClientV2, StreamableHTTPClientTransport as HttpV2 } from "@modelcontextprotocol/client";
import { Client as ClientV1 } from "@modelcontextprotocol/sdk/client/index.js";
import { StreamableHTTPClientTransport as HttpV1 } from "@modelcontextprotocol/sdk/client/streamableHttp.js";
import type { ClientDriver, Seen } from "../client";

/** The event client of this repository with short waits, on either SDK line. */
export function eventClientDriver(line: "v1" | "v2-modern", heartbeatMs: number): ClientDriver {
  return async ({ url, type, mode }) => {
    const seen: Seen[] = [];
    const info = { name: "conformance", version: "1" };
    const mcp =
      line === "v1" ? new ClientV1(info) : new ClientV2(info, { versionNegotiation: { mode: "auto" } });
    const transport = line === "v1" ? new HttpV1(new URL(url)) : new HttpV2(new URL(url));
    // biome-ignore lint/suspicious/noExplicitAny: the two SDK lines type their transports differently
    await (mcp as any).connect(transport);
    const backoff = { initialMs: 5, maxMs: 10 };
    const options = { transports: [http()], heartbeatMs, minPollMs: 10, backoff };
    const client = createEventClient(mcp as McpClientLike, options);
    const follow = async () => {
      const subscription = await client.subscribe(type, {}, { delivery: mode });
      for await (const item of subscription) {
        seen.push(item.kind === "event" ? { eventId: item.eventId } : { type: "gap" });
      }
    };
    void follow().catch(() => seen.push({ type: "terminated" }));
    return {
      seen: () => seen,
      async stop() {
        await client.close();
        await mcp.close();
      },
    };
  };
}
