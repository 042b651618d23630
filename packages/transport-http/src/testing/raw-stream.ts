import type { JsonObject } from "@mcp-events/protocol";

/** How the endpoint is spoken to. */
export type RawMode = "stateless" | "session" | "modern";

const HEADERS = { "content-type": "application/json", accept: "application/json, text/event-stream" };
const ENVELOPE = {
  "io.modelcontextprotocol/protocolVersion": "2026-07-28",
  "io.modelcontextprotocol/clientCapabilities": {},
};

/** Posts one message by hand. */
export function post(
  url: URL,
  message: JsonObject,
  options: { headers?: Record<string, string>; signal?: AbortSignal; modern?: boolean } = {},
): Promise<Response> {
  const { headers = {}, signal, modern = false } = options;
  const params = modern ? { ...(message.params as JsonObject), _meta: ENVELOPE } : message.params;
  const modernHeaders = modern
    ? { "mcp-protocol-version": "2026-07-28", "mcp-method": String(message.method) }
    : undefined;
  return fetch(url, {
    method: "POST",
    headers: { ...HEADERS, ...modernHeaders, ...headers },
    body: JSON.stringify({ jsonrpc: "2.0", ...message, params }),
    ...(signal !== undefined && { signal }),
  });
}

/** Opens a session by hand; its header. */
export async function openSession(url: URL): Promise<Record<string, string>> {
  const params = {
    protocolVersion: "2025-11-25",
    capabilities: {},
    clientInfo: { name: "raw", version: "1" },
  };
  const response = await post(url, { id: "init", method: "initialize", params });
  await response.text();
  const headers = { "mcp-session-id": response.headers.get("mcp-session-id") ?? "" };
  await post(url, { method: "notifications/initialized" }, { headers });
  return headers;
}

/** Opens a stream whose request id is 0 and waits for its first bytes. */
export async function openRawStream(
  url: URL,
  mode: RawMode,
  params: JsonObject,
): Promise<{ cancel(): Promise<void>; response: Response }> {
  const headers = mode === "session" ? await openSession(url) : {};
  const abort = new AbortController();
  const options = { headers, signal: abort.signal, modern: mode === "modern" };
  const response = await post(url, { id: 0, method: "events/stream", params }, options);
  const reader = response.body?.getReader();
  await reader?.read();
  return {
    response,
    async cancel() {
      if (mode !== "session") return abort.abort();
      await post(url, { method: "notifications/cancelled", params: { requestId: 0 } }, { headers });
      while ((await reader?.read())?.done === false);
    },
  };
}
