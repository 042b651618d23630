import { EventsError, sleep } from "@mcp-events/protocol";
import { Backoff } from "./backoff";
import { failureKind } from "./failure";
import type { Delivery } from "./modes/driver";
import { pollOnce } from "./modes/poll";

/**
 * Fetches what is missing before what is held, by poll from our own cursor, until the hole is filled; a gap `lost` is
 * reported only when the server's answers do not fill it (ORDERING rule 19).
 *
 * @throws what a request threw that may succeed later.
 */
export async function recoverByPoll(delivery: Delivery, signal: AbortSignal): Promise<void> {
  const { intake, settings } = delivery;
  const { consumer } = intake;
  const backoff = new Backoff(settings.backoff, settings.random);
  for (let until = consumer.missing?.until; until !== undefined && !signal.aborted; ) {
    const from = intake.cursor;
    const more = from === null ? undefined : await tryPoll(delivery, signal);
    if (signal.aborted) return;
    const now = consumer.missing?.until;
    const progress = now !== until || (more === true && intake.cursor !== from);
    until = now;
    if (progress) {
      backoff.succeeded();
      continue;
    }
    if (from === null || more === "never" || backoff.failures + 1 >= settings.recoveryAttempts) {
      settings.logger.warn("missing events could not be recovered", { until });
      consumer.giveUp();
      until = consumer.missing?.until;
      backoff.succeeded();
      continue;
    }
    await sleep(settings.clock, backoff.failed(), signal);
  }
  delivery.changed();
}

/** Whether there is more; `never` when asking again is no use. */
async function tryPoll(delivery: Delivery, signal: AbortSignal): Promise<boolean | "never"> {
  try {
    return (await pollOnce(delivery, signal)).hasMore;
  } catch (error) {
    if (signal.aborted) return false;
    // The connection fails, which says nothing about the events: they come when it is opened again from our cursor.
    if (failureKind(error) === "retry") throw error;
    delivery.settings.logger.warn("asking for missing events was refused", { error });
    return "never";
  }
}

/** Without poll: the stream is read once more from our own cursor; what is missing then as well is a gap. */
export class RecoverByReopening {
  #tried: string | undefined;

  /** @throws EventsError `stream_ended` (retryable) the first time. */
  recover(delivery: Delivery): void {
    const { consumer, cursor } = delivery.intake;
    const hole = JSON.stringify([consumer.released, consumer.missing?.until]);
    if (cursor !== null && hole !== this.#tried) {
      this.#tried = hole;
      throw new EventsError("stream_ended", "events are missing; reading again", { retryable: true });
    }
    consumer.giveUp();
    delivery.changed();
  }
}
