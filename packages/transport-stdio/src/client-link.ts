import type { ClientLink, McpTransport } from "@mcp-events/protocol";
import { type Streams, takeLines } from "./line-intake";
import { clientReadBuffer } from "./recognise";

/** Streams end by cancellation or with the connection; their notifications are read past the SDK's validation. */
export function connectClient(transport: McpTransport): ClientLink {
  const buffer = clientReadBuffer(transport);
  if (buffer === undefined) return { openStream: () => ({}) };
  const streams: Streams = new Map();
  takeLines(buffer, streams);
  return {
    openStream(requestId, stream) {
      streams.set(requestId, stream);
      stream.signal.addEventListener("abort", () => streams.delete(requestId), { once: true });
      return {};
    },
  };
}
