import { once } from "node:events";
import { isJsonObject, type JsonObject, SUBSCRIPTION_ID } from "@mcp-events/protocol";
import {
  CLIENT_CAPABILITIES_META_KEY,
  CLIENT_INFO_META_KEY,
  PROTOCOL_VERSION_META_KEY,
} from "@modelcontextprotocol/server";
import { WebSocket } from "ws";

export type Revision = "2025-11-25" | "2026-07-28";

const clientInfo = { name: "by hand", version: "1.0.0" };

/** Opens a stream whose request id is 0, without the SDK; resolves with its first message. */
export async function openByHand(url: string, revision: Revision, params: JsonObject) {
  const socket = new WebSocket(url, "mcp");
  await once(socket, "open");
  const say = (message: JsonObject) => socket.send(JSON.stringify({ jsonrpc: "2.0", ...message }));

  if (revision === "2025-11-25") {
    const initialize = { protocolVersion: revision, capabilities: {}, clientInfo };
    say({ id: "hello", method: "initialize", params: initialize });
    await heard(socket, ({ id }) => id === "hello");
    say({ method: "notifications/initialized" });
  }
  const said = revision === "2025-11-25" ? params : { ...params, _meta: envelope(revision) };
  say({ id: 0, method: "events/stream", params: said });
  await heard(socket, (message) => streamOf(message) === 0);
  return { cancel: () => say({ method: "notifications/cancelled", params: { requestId: 0 } }) };
}

/** What each request says of its client where there is no `initialize`. */
function envelope(revision: Revision): JsonObject {
  return {
    [PROTOCOL_VERSION_META_KEY]: revision,
    [CLIENT_INFO_META_KEY]: clientInfo,
    [CLIENT_CAPABILITIES_META_KEY]: {},
  };
}

function heard(socket: WebSocket, isIt: (message: JsonObject) => boolean): Promise<void> {
  return new Promise((resolve) => {
    socket.on("message", function listener(data) {
      const message: unknown = JSON.parse(String(data));
      if (!isJsonObject(message) || !isIt(message)) return;
      socket.off("message", listener);
      resolve();
    });
  });
}

function streamOf({ params }: JsonObject): unknown {
  const meta = isJsonObject(params) ? params._meta : undefined;
  return isJsonObject(meta) ? meta[SUBSCRIPTION_ID] : undefined;
}
