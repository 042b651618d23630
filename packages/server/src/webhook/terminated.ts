import { sleep, type WebhookMessage } from "@mcp-events/protocol";
import type { DeliveryHost } from "./delivery";
import { verdictOf } from "./verdict";

/** Posts the envelope that ends a subscription; it is tried like an event, and then let go. */
export async function postTerminated(
  host: Pick<DeliveryHost, "engine" | "settings" | "sender" | "stored" | "target">,
  message: WebhookMessage,
  signal: AbortSignal,
): Promise<void> {
  const { clock, options, logger } = host.engine;
  const firstAttemptAt = clock.now();
  for (let attempts = 0; !signal.aborted; attempts += 1) {
    const result = await host.sender.post(host.target(), () => message, signal);
    if (result.kind === "cancelled") return;
    const sofar = { attempts, firstAttemptAt, behind: false };
    const verdict = verdictOf(result, sofar, host.settings, clock.now(), options.random);
    if (verdict.kind === "accepted") return;
    if (verdict.kind === "exhausted") {
      logger.warn("a receiver was not told that its subscription ended", {
        subscriptionId: host.stored.id,
        error: verdict.error,
      });
      return;
    }
    await sleep(clock, verdict.at - clock.now(), signal);
  }
}
