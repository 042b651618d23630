import type { Message, ServerTransport, StreamChannel, StreamRequest } from "./contract";
import { Turns } from "./turns";

/**
 * A channel that hands every message to the SDK and waits for it: right for any duplex transport whose `send`
 * resolves when it can take more.
 */
export function directChannel(request: StreamRequest): StreamChannel {
  const turns = new Turns();
  return {
    signal: request.signal,
    async write(messages: readonly Message[]) {
      for (const message of messages) {
        if (request.signal.aborted) return;
        await request.notify(message);
      }
      await turns.wrote(messages.length);
    },
    release() {},
  };
}

/** Takes any MCP transport that no other adapter recognised. */
export const directTransport: ServerTransport = {
  name: "direct",
  connect: () => ({ open: directChannel }),
};
