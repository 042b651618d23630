import {
  directChannel,
  type McpTransport,
  notificationJson,
  type ServerConnection,
  type StreamChannel,
  type StreamRequest,
  Turns,
  textBatches,
} from "@mcp-events/protocol";
import { wireListen } from "./listen";
import { type OutputWriter, writerOf } from "./output-writer";
import type { ServerStdio } from "./recognise";

/** Follows one server on stdio: its streams, its `subscriptions/listen`, the end of its input. */
export function connectServer(
  transport: McpTransport,
  { wire, stdin, stdout, direct }: ServerStdio,
  server: { close(): Promise<void> },
): ServerConnection {
  const writer = writerOf(stdout);
  // v1 ignores both: with a timer running it stays, though nobody can reach it any more.
  const ended = () => void server.close().catch(() => {});
  stdin.on("end", ended);
  stdin.on("close", ended);
  stdout.on("error", ended);
  stdout.on("close", ended);
  if (stdin.readableEnded === true || stdin.destroyed === true) setImmediate(ended);
  const { onclose } = transport;
  transport.onclose = () => {
    stdin.off("end", ended);
    stdin.off("close", ended);
    stdout.off("error", ended);
    stdout.off("close", ended);
    onclose?.();
  };
  const open = direct ? (request: StreamRequest) => lineChannel(request, writer) : directChannel;
  if (wire === transport) return { open };
  const listen = wireListen(wire);
  return { open, notify: (message) => listen.notify(message) };
}

/** Writes lines past the SDK to the stream it writes to itself: `send` writes at once, so the order is that of the calls. */
function lineChannel(request: StreamRequest, writer: OutputWriter): StreamChannel {
  const turns = new Turns();
  const { signal } = request;
  return {
    signal,
    async write(messages) {
      for (const text of textBatches(messages, (message) => `${notificationJson(message)}\n`)) {
        if (signal.aborted) return;
        await writer.write(text, signal);
      }
      await turns.wrote(messages.length);
    },
    release() {},
  };
}
