import { setMaxListeners } from "node:events";
import type { WebhookMessage, WebhookTarget } from "@mcp-events/protocol";
import { afterEach } from "vitest";
import type { WebhookSenderOptions } from "../sender/options";
import { type WebhookTransport, webhook } from "../sender/webhook";
import { type Answer, type Endpoint, type EndpointOptions, startEndpoint } from "./endpoint";

export const SECRET = "whsec_BwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwc=";
/** Shared by all tests of a file, so that it has more listeners than Node expects. */
export const never = new AbortController().signal;
setMaxListeners(0, never);

/** Endpoints and transports that are closed after the test. */
export function closing() {
  const open: { close(): Promise<void> }[] = [];
  afterEach(async () => {
    for (const one of open.splice(0).reverse()) await one.close();
  });
  return {
    async endpoint(answer?: Answer, options?: EndpointOptions): Promise<Endpoint> {
      const endpoint = await startEndpoint(answer, options);
      open.push(endpoint);
      return endpoint;
    },
    transport(options: WebhookSenderOptions = { allowLoopback: true }): WebhookTransport {
      const transport = webhook(options);
      open.push(transport);
      return transport;
    },
  };
}

export function target(url: string, more: Partial<WebhookTarget> = {}): WebhookTarget {
  return { url, principal: "ada", subscriptionId: "sub_1", secrets: [SECRET], ...more };
}

export function message(id = "e1", body = '{"eventId":"e1"}'): () => WebhookMessage {
  return () => ({ id, body });
}

/** Resolves when the condition holds; looks again at each turn of the loop, as what it waits for comes by sockets. */
export async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setImmediate(resolve));
}
