import { NOTIFICATION_PREFIX, NOTIFICATIONS } from "@mcp-events/protocol";
import type { Transport } from "@modelcontextprotocol/client";
import type { Payload } from "../event";
import { Arrivals, type PushPath } from "./path";
import { type SdkLine, sdkClient, type Target } from "./sdk";

/** The SDK alone, read where its transport hands over what it has parsed. */
export async function barePath(line: SdkLine, target: Target): Promise<PushPath> {
  const { client, connect, emit, stream } = sdkClient(line, target);
  await connect();
  const arrivals = new Arrivals();
  const active = tap(client.transport as Transport, arrivals);
  stream().catch(() => {});
  await active;
  return {
    async run(order, seen) {
      const arrived = arrivals.expect(order, seen);
      await emit(order);
      await arrived;
    },
    close: () => client.close(),
  };
}

/** Takes the messages of events before the SDK does; resolves when the stream is active. */
function tap(transport: Transport, arrivals: Arrivals): Promise<void> {
  const { onmessage } = transport;
  return new Promise((resolve) => {
    transport.onmessage = (message, extra) => {
      if (!("method" in message) || !message.method.startsWith(NOTIFICATION_PREFIX)) {
        onmessage?.(message, extra);
      } else if (message.method === NOTIFICATIONS.active) resolve();
      else arrivals.take((message.params as unknown as { data: Payload }).data);
    };
  });
}
