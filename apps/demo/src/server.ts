import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { memoryStore } from "@mcp-events/ordering";
import { createEventServer, type EventHandle, type WebhookOptions } from "@mcp-events/server";
import { http } from "@mcp-events/transport-http";
import { stdio } from "@mcp-events/transport-stdio";
import { webhook } from "@mcp-events/transport-webhook/node";
import { toNodeHandler } from "@modelcontextprotocol/node";
import { createMcpHandler, McpServer } from "@modelcontextprotocol/server";
import { serveStdio } from "@modelcontextprotocol/server/stdio";
import { defineEventTypes } from "./github/event-types";
import { loadExamples } from "./github/examples";
import { orderingKeyOf } from "./github/ordering-key";
import { receiveDelivery, type VerifiedDelivery } from "./github/receiver";
import { leaveInterruptsToParent } from "./processes";
import { EmitterRecord } from "./result/emitter-record";

/** What the process is told: one JSON argument. */
export interface ServerConfig {
  /** The webhook's secret. */
  readonly secret: string;
  /** Where every emitted event is written down. */
  readonly recordFile: string;
  readonly heartbeatMs: number;
  readonly nextPollMs: number;
  readonly retention: { readonly maxEntries: number; readonly maxBytes: number };
  /** How webhook deliveries are retried. */
  readonly webhooks: WebhookOptions;
  /** Time limit of one attempt at a webhook delivery, in milliseconds. */
  readonly webhookTimeoutMs: number;
}

/** What the tool `where` answers. */
export interface ServerAddress {
  readonly port: number;
  readonly pid: number;
}

/** The GitHub MCP server: takes webhooks, serves its parent over stdio and everybody else over HTTP, from one log. */
function main(config: ServerConfig): void {
  leaveInterruptsToParent();
  const overHttp = http();
  const events = createEventServer({
    store: memoryStore(config.retention),
    transports: [
      stdio(),
      overHttp,
      webhook({
        allowLoopback: true,
        timeoutMs: config.webhookTimeoutMs,
        verification: { perHostPerMinute: 100_000 },
      }),
    ],
    webhooks: config.webhooks,
    heartbeatMs: config.heartbeatMs,
    nextPollMs: config.nextPollMs,
  });
  const handles = new Map<string, EventHandle>();
  for (const type of defineEventTypes(loadExamples())) {
    handles.set(type.name, events.register(type, { orderingKey: orderingKeyOf, guarantee: "subscription" }));
  }
  const record = new EmitterRecord(config.recordFile);
  const emit = async ({ id, type, payload }: VerifiedDelivery): Promise<void> => {
    const handle = handles.get(type);
    if (handle === undefined) return;
    await record.emit(type, payload, () => handle.emit(payload, { eventId: id }));
  };

  const mcp = overHttp.wrap(toNodeHandler(createMcpHandler(() => mcpServer())));
  const web = createServer((req, res) => {
    route(req, res).catch((error: unknown) => {
      process.stderr.write(`server: ${error instanceof Error ? error.message : String(error)}\n`);
      if (!res.headersSent) res.writeHead(500);
      res.end();
    });
  });
  const route = async (req: IncomingMessage, res: ServerResponse): Promise<void> => {
    if (req.url === "/mcp") {
      identify(req);
      await mcp(req as Parameters<typeof mcp>[0], res);
      return;
    }
    if (req.url === "/github") return receiveDelivery(req, res, config.secret, emit);
    res.writeHead(404).end();
  };

  const mcpServer = (): McpServer => {
    const server = new McpServer({ name: "github", version: "1.0.0" });
    server.registerTool("where", { description: "Where this server listens" }, () => {
      const { port } = web.address() as AddressInfo;
      return { content: [{ type: "text", text: JSON.stringify({ port, pid: process.pid }) }] };
    });
    events.attach(server);
    return server;
  };

  // Each of the SDK's responses that waits for the pipe to drain listens by itself.
  process.stdout.setMaxListeners(0);
  process.stdin.once("close", () => process.exit(0));
  web.listen(0, "127.0.0.1", () => serveStdio(mcpServer));
}

/** Who calls, by its bearer token; in earnest a token is verified first. */
function identify(req: IncomingMessage & { auth?: unknown }): void {
  const [, token] = /^Bearer (\S+)$/.exec(req.headers.authorization ?? "") ?? [];
  if (token !== undefined) req.auth = { token, clientId: "demo", scopes: [], extra: { sub: token } };
}

main(JSON.parse(process.argv[2] ?? ""));
