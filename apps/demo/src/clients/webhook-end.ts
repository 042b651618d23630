import { once } from "node:events";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { type WebhookReceiverHandle, webhookReceiver } from "@mcp-events/transport-webhook";
import { nodeHandler } from "@mcp-events/transport-webhook/node";
import { FaultProxy } from "../faults/http-proxy";
import type { HttpFaultSchedule } from "../faults/http-schedule";

/** Where one client receives webhooks: a server of its own, behind a proxy that disturbs what is posted to it. */
export class WebhookEnd {
  private constructor(
    readonly receiver: WebhookReceiverHandle,
    readonly proxy: FaultProxy,
    private readonly server: Server,
  ) {}

  /**
   * Starts the server and the proxy on free ports of 127.0.0.1.
   *
   * @param window - Deliveries that the receiver puts in order; 0: it offers nothing, and gets strict order.
   */
  static async listen(schedule: HttpFaultSchedule | null, window: number): Promise<WebhookEnd> {
    const server = createServer();
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    const proxy = await FaultProxy.listen((server.address() as AddressInfo).port, schedule);
    const receiver = webhookReceiver({
      url: `http://127.0.0.1:${proxy.port}/hooks/`,
      resequence: window > 0 && { window, holdMs: HOLD_MS },
      answerWithinMs: ANSWER_WITHIN_MS,
    });
    server.on("request", nodeHandler(receiver));
    return new WebhookEnd(receiver, proxy, server);
  }

  async close(): Promise<void> {
    this.server.close();
    this.server.closeAllConnections();
    await this.proxy.close();
  }
}

/** How long a delivery is held for what lies before it, in milliseconds. */
const HOLD_MS = 500;

/** How long a delivery waits for its handler before it is sent again, in milliseconds. */
const ANSWER_WITHIN_MS = 1_200;
