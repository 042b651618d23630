import type { Message, ServerTransport, StreamChannel, StreamRequest } from "./contract";

/**
 * A channel that hands every message to the SDK and waits for it: right for any duplex transport whose `send`
 * resolves when it can take more.
 */
export function directChannel(request: StreamRequest): StreamChannel {
  return {
    signal: request.signal,
    async write(messages: readonly Message[]) {
      for (const message of messages) {
        if (request.signal.aborted) return;
        await request.notify(message);
      }
    },
    release() {},
  };
}

/** Takes any MCP transport that no other adapter recognised. */
export const directTransport: ServerTransport = {
  name: "direct",
  connect: () => ({ open: directChannel }),
};
