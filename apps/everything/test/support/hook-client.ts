import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import type { EventClientOptions } from "@mcp-events/client";
import { http } from "@mcp-events/transport-http";
import { stdio } from "@mcp-events/transport-stdio";
import { type WebhookReceiverOptions, webhookReceiver } from "@mcp-events/transport-webhook";
import { nodeHandler } from "@mcp-events/transport-webhook/node";
import { onTestFinished } from "vitest";
import { type SdkClient, sdkClient, type Target } from "./sdk-client";

/** Answers requests that a test wants to fail before the receiver sees them; false: it is the receiver's. */
export type Failing = () => boolean;

/** A receiver of webhooks on 127.0.0.1, for the length of the test. `fails` is answered with 503. */
export async function receiverOf(options: Omit<WebhookReceiverOptions, "url"> = {}, fails?: Failing) {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  const receiver = webhookReceiver({ url: `http://127.0.0.1:${port}/hooks/`, ...options });
  const handle = nodeHandler(receiver);
  server.on("request", (req, res) => {
    if (fails?.()) req.resume().once("end", () => res.writeHead(503).end());
    else void handle(req, res);
  });
  onTestFinished(() => {
    server.close();
    server.closeAllConnections();
  });
  return receiver;
}

/** An SDK client whose events come by webhook, too; over HTTP it is alice. */
export function hookClient(
  line: SdkClient,
  target: Target,
  receiver: Awaited<ReturnType<typeof receiverOf>>,
  options: EventClientOptions = {},
) {
  const whom = "url" in target ? { token: "alice-token", ...target } : target;
  return sdkClient(line, whom, {
    transports: [stdio(), http(), receiver],
    ...options,
  });
}
