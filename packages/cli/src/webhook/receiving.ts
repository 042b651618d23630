import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import type { ClientTransport, Logger, WebhookCallback, WebhookReceiver } from "@mcp-events/protocol";
import { type WebhookReceiverHandle, webhookReceiver } from "@mcp-events/transport-webhook";
import { nodeHandler } from "@mcp-events/transport-webhook/node";
import { EXIT_CODES } from "../exit-codes";
import { CliError } from "../failures/cli-error";
import { type ListenAddress, origin } from "../options/listen";

/** A receiver of webhooks that listens. */
export interface Receiving {
  /** Base of the callbacks, as servers see it; ends in a slash. */
  readonly url: string;
  /** For the event client. */
  readonly transport: ClientTransport;
  /** Deliveries are answered 503 from now on, and then nobody listens any more. */
  close(): Promise<void>;
}

/** How webhooks are received. */
export interface ReceivingOptions {
  readonly listen: ListenAddress;
  /** Base of the callbacks where a proxy stands in front; default: the address itself. */
  readonly callback: string | undefined;
  readonly ttlMs: number | undefined;
  readonly logger: Logger;
  /** Told the callback's URL before the server is. */
  readonly onCallback: (url: string) => void;
}

/** Path of the callbacks where nobody stands in front. */
const HOOKS = "/hooks/";

/**
 * Listens for webhooks.
 *
 * @throws CliError (failed) when the address cannot be had; EventsError `option_invalid` for the callback's URL.
 */
export async function receive(options: ReceivingOptions): Promise<Receiving> {
  const { listen, callback, ttlMs, logger, onCallback } = options;
  const http = createServer();
  const port = await listening(http, listen);
  const url = callback ?? origin({ host: listen.host, port }) + HOOKS;
  try {
    const receiver = webhookReceiver({ url, ttlMs, logger });
    http.on("request", nodeHandler(receiver, { logger }));
    const webhook = announcing(receiver, onCallback);
    return {
      url,
      transport: { name: "webhook", connect: () => undefined, webhookReceiver: webhook },
      close: () => close(http, receiver),
    };
  } catch (error) {
    http.close();
    throw error;
  }
}

function listening(http: Server, { host, port }: ListenAddress): Promise<number> {
  return new Promise((resolve, reject) => {
    http.once("error", (cause) => {
      const hint = "Name another address with --listen; 0 picks a free port.";
      reject(new CliError(EXIT_CODES.failed, `--listen: ${cause.message}`, hint, { cause }));
    });
    http.listen(port, host, () => resolve((http.address() as AddressInfo).port));
  });
}

function announcing(receiver: WebhookReceiverHandle, onCallback: (url: string) => void): WebhookReceiver {
  return {
    resequence: receiver.resequence,
    ttlMs: receiver.ttlMs,
    async open(options): Promise<WebhookCallback> {
      const callback = await receiver.open(options);
      onCallback(callback.url);
      return callback;
    },
  };
}

async function close(http: Server, receiver: WebhookReceiverHandle): Promise<void> {
  receiver.close();
  const closed = new Promise((resolve) => http.close(resolve));
  http.closeAllConnections();
  await closed;
}
