import type { ServerResponse } from "node:http";

/** Answers with a JSON-RPC error that belongs to no request. */
export function refuse(
  res: ServerResponse,
  status: number,
  message: string,
  options: { readonly code?: number; readonly headers?: Record<string, string> } = {},
): void {
  const body = JSON.stringify({ jsonrpc: "2.0", id: null, error: { code: options.code ?? -32000, message } });
  res.writeHead(status, { "content-type": "application/json", ...options.headers });
  res.end(body);
}
