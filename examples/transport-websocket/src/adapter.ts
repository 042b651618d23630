import {
  type Message,
  notificationJson,
  type ServerTransport,
  type StreamChannel,
  type StreamRequest,
  Turns,
} from "@mcp-events/protocol";
import { WebSocketTransport } from "./transport";

/**
 * The server's adapter. Without it events work, too, since `send` waits for room; with it they skip the SDK's way out,
 * and a writer that waits is let go as soon as its stream is over. A client needs none: the channel is shared.
 */
export function webSocket(): ServerTransport {
  return {
    name: "websocket",
    connect: (transport) =>
      transport instanceof WebSocketTransport
        ? { open: (request) => channel(request, transport) }
        : undefined,
  };
}

function channel({ signal }: StreamRequest, transport: WebSocketTransport): StreamChannel {
  const turns = new Turns();
  return {
    signal,
    async write(messages: readonly Message[]) {
      for (const message of messages) {
        if (signal.aborted) return;
        transport.post(notificationJson(message));
        if (transport.full) await transport.room(signal);
      }
      await turns.wrote(messages.length);
    },
    release() {}, // `room` keeps nothing beyond a wait, and the signal ends every wait
  };
}
