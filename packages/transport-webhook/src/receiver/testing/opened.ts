import type { DeliveryOutcome, JsonObject } from "@mcp-events/protocol";
import { vi } from "vitest";
import { webhookReceiver } from "../receiver";
import type { WebhookReceiverOptions } from "../receiver-options";
import { manualClock } from "./deliveries";

/** A receiver on a clock of its own with one open callback, whose taker accepts. */
export async function opened(options: Partial<WebhookReceiverOptions> = {}) {
  const clock = manualClock();
  const receiver = webhookReceiver({ url: "https://me.example/hooks/", clock, ...options });
  const take = vi.fn(async (_: JsonObject): Promise<DeliveryOutcome> => "accepted");
  const callback = await receiver.open({ key: "a", take });
  return { clock, receiver, take, callback };
}
