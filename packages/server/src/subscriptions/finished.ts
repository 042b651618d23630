import { WireError } from "@mcp-events/protocol";
import type { Engine } from "../engine";
import { quoted } from "../wire/requests";
import type { LivingSubscription } from "./living";
import type { Subscription } from "./subscription";

/** Whether nothing will come for a subscription any more; what its author's function throws counts as no (TASK-2). */
export async function isFinished(
  { logger }: Engine,
  { type, arguments: args, principal, authInfo, sessionId }: Subscription,
): Promise<boolean> {
  try {
    return (await type.options.isFinished?.({ principal, authInfo, sessionId }, type.name, args)) === true;
  } catch (error) {
    logger.warn("isFinished threw; asked again later", { name: type.name, error });
    return false;
  }
}

/** The error that ends a finished subscription. */
export function finished({ type }: Subscription): WireError {
  const message = `${quoted(type.name)}: nothing more will come for these arguments`;
  return new WireError("NotFound", message, { kind: "subscription", reason: "finished" });
}

/** Ends a subscription if it is finished, once it has everything emitted before. */
export async function endIfFinished(engine: Engine, living: LivingSubscription): Promise<void> {
  if (living.gone.aborted || !(await isFinished(engine, living.subscription))) return;
  await endFinished(engine, living.subscription.type.logName, [living]);
}

/** Ends subscriptions of one log that are known to be finished. */
export async function endFinished(
  engine: Engine,
  logName: string,
  all: readonly LivingSubscription[],
): Promise<void> {
  const through = await engine.emittedSoFar(logName);
  for (const living of all) {
    living.end({ error: finished(living.subscription), through, finished: true });
  }
}
