import type { Check, CheckInfo } from "../kit/check";
import type { Report } from "../kit/report";
import { runChecks, selected } from "../kit/run-checks";
import { admissionChecks } from "./checks-admission";
import { handlingChecks } from "./checks-handling";
import { ReceiverContext } from "./context";
import { type CheckReceiverOptions, receiverSettings } from "./options";

const RECEIVER_CHECKS: readonly Check<ReceiverContext>[] = [...admissionChecks, ...handlingChecks];

/**
 * Checks a receiver of webhooks: posts good and bad deliveries to its callback URL and looks at what it answers, and,
 * where it can be asked, at what the application saw.
 *
 * @param url - The callback URL of a subscription that the receiver knows.
 * @throws RangeError when `only` names no check.
 */
export async function checkReceiver(url: string, options: CheckReceiverOptions): Promise<Report> {
  selected(RECEIVER_CHECKS, options.only);
  const settings = receiverSettings(options);
  const about = { kind: "receiver", subject: url } as const;
  return runChecks(about, RECEIVER_CHECKS, () => new ReceiverContext(url, settings), options);
}

/** The checks that {@link checkReceiver} runs, in their order; the one that ends the subscription last. */
export function listReceiverChecks(): readonly CheckInfo[] {
  return RECEIVER_CHECKS.map(({ id, title, severity, reference }) => ({ id, title, severity, reference }));
}
