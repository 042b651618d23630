import type { JsonObject } from "@mcp-events/protocol";

/** A JSON-RPC wire, spoken by hand. */
export interface RawWire {
  send(message: JsonObject): Promise<void> | void;
  onmessage?: ((message: JsonObject) => void) | undefined;
}

/** Initializes under the id "init", opens a stream whose request id is 0 and waits for its first message. */
export async function openRawStream(wire: RawWire, params: JsonObject): Promise<{ cancel(): Promise<void> }> {
  const answers = new Map<unknown, (message: JsonObject) => void>();
  wire.onmessage = (message) => answers.get(message.method ?? message.id)?.(message);
  const answer = (key: unknown) => new Promise<JsonObject>((resolve) => answers.set(key, resolve));
  const initialized = answer("init");
  const initialize = {
    protocolVersion: "2025-11-25",
    capabilities: {},
    clientInfo: { name: "raw", version: "1" },
  };
  await wire.send({ jsonrpc: "2.0", id: "init", method: "initialize", params: initialize });
  await initialized;
  await wire.send({ jsonrpc: "2.0", method: "notifications/initialized" });
  const active = answer("notifications/events/active");
  await wire.send({ jsonrpc: "2.0", id: 0, method: "events/stream", params });
  await active;
  return {
    async cancel() {
      await wire.send({ jsonrpc: "2.0", method: "notifications/cancelled", params: { requestId: 0 } });
    },
  };
}
