import type { JsonObject, McpTransport } from "@mcp-events/protocol";

/** An MCP `Client` of either SDK line, as far as it is used here. */
export interface McpClientLike {
  // biome-ignore lint/suspicious/noExplicitAny: the two SDK lines type their transports and schemas differently
  connect(transport: any, options?: any): Promise<void>;
  // biome-ignore lint/suspicious/noExplicitAny: as above
  request(request: any, schema: any, options?: any): Promise<any>;
  close(): Promise<void>;
}

/** A `subscriptions/listen` of `@modelcontextprotocol/client`. */
export interface SdkListen {
  readonly closed: Promise<"local" | "remote" | "graceful" | (string & {})>;
  close(): Promise<void>;
}

/** What both SDK lines' clients have, as far as it is used here; what only v2 has is optional. */
export interface SdkClient {
  connect(transport: McpTransport, options?: unknown): Promise<void>;
  request(
    request: { method: string; params: JsonObject },
    schema: object,
    options: object,
  ): Promise<JsonObject>;
  registerCapabilities?(capabilities: object): void;
  getServerCapabilities?(): JsonObject | undefined;
  readonly transport?: McpTransport | undefined;
  getNegotiatedProtocolVersion?(): string | undefined;
  listen?(filter: object, options?: object): Promise<SdkListen>;
}

/** A result schema that lets everything through, in the forms that v1 (`safeParse`) and v2 (Standard Schema) ask for. */
export const ANY_RESULT = {
  safeParse: (data: unknown) => ({ success: true, data }),
  "~standard": { version: 1, vendor: "mcp-events", validate: (value: unknown) => ({ value }) },
};

/** First revision with a handshake for each request, `server/discover` and `subscriptions/listen`. */
const MODERN_REVISION = "2026-07-28";

/** Whether the connection speaks 2026-07-28 or later. */
export function isModern(client: SdkClient): boolean {
  const revision = client.getNegotiatedProtocolVersion?.();
  return revision !== undefined && revision >= MODERN_REVISION;
}
