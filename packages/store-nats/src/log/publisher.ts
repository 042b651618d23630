import { EventsError, sleep } from "@mcp-events/protocol";
import { JetStreamApiCodes, JetStreamApiError } from "@nats-io/jetstream";
import type { Connection } from "../connection";
import { isApiError, type LogNames } from "./stream";

const FIRST_PAUSE_MS = 50;
const MAX_PAUSE_MS = 1_000;
/** How long one try may take. */
const ATTEMPT_MS = 2_000;
/** Codes of the servers' answers: a limit of the stream, and one of the server. */
const STORE_FAILED = 10077;
const NO_RESOURCES = 10023;
const MESSAGE_ID = "Nats-Msg-Id";

/**
 * Writes messages to a writer's own subject, one after the other. Each is conditional on the one before, so that a
 * message which is sent again after an unanswered try is stored once, and none can be stored after a later one (ORD-8).
 */
export class Publisher {
  readonly #subject: string;
  /** Sequence of the writer's last message in the stream. */
  #last = 0;

  constructor(
    private readonly connection: Connection,
    private readonly names: LogNames,
    writer: string,
  ) {
    this.#subject = `${names.subject}.${writer}`;
  }

  /**
   * Stores a message; resolves with its sequence. A try whose outcome is unknown is looked up before the next.
   *
   * @param id - Unique among the writer's messages.
   * @throws EventsError `append_failed`: refused when the stream is full or the message too large, else of unknown
   * outcome (retryable).
   */
  async publish(id: string, body: string): Promise<number> {
    const { clock, timeoutMs } = this.connection.options;
    const deadline = clock.now() + timeoutMs;
    let pauseMs = FIRST_PAUSE_MS;
    let isOpen = false;
    for (;;) {
      try {
        const left = Math.max(1, deadline - clock.now());
        this.#last = await this.#try(id, body, Math.min(ATTEMPT_MS, left));
        return this.#last;
      } catch (error) {
        if (EventsError.is(error) && error.code === "closed") throw unknown(error);
        if (isWrongLast(error)) {
          const found = await this.#lookUp(id, deadline).catch(() => undefined);
          if (found !== undefined) return found;
        } else if (isRefusal(error)) {
          if (!isOpen) throw refused(error);
        } else {
          isOpen = true;
        }
        if (clock.now() + pauseMs >= deadline) throw unknown(error);
        await sleep(clock, pauseMs);
        pauseMs = Math.min(pauseMs * 2, MAX_PAUSE_MS);
      }
    }
  }

  async #try(id: string, body: string, timeout: number): Promise<number> {
    const { js } = await this.connection.get();
    const expect = { lastSubjectSequence: this.#last, streamName: this.names.stream };
    const ack = js.publish(this.#subject, body, { msgID: id, timeout, expect });
    return (await this.connection.whileConnected(ack)).seq;
  }

  /** Whether an earlier try was stored after all; learns where the writer's subject stands. */
  async #lookUp(id: string, deadline: number): Promise<number | undefined> {
    const { jsm } = await this.connection.get();
    if (this.connection.options.clock.now() >= deadline) return undefined;
    const message = await jsm.streams.getMessage(this.names.stream, { last_by_subj: this.#subject });
    this.#last = message?.seq ?? 0;
    return message?.header.get(MESSAGE_ID) === id ? message.seq : undefined;
  }
}

function isWrongLast(error: unknown): boolean {
  return isApiError(error, JetStreamApiCodes.StreamWrongLastSequence);
}

/** Whether the servers answered that they do not take the message, as opposed to not now. */
function isRefusal(error: unknown): error is JetStreamApiError {
  if (!(error instanceof JetStreamApiError)) return false;
  return error.status < 503 || error.code === STORE_FAILED || error.code === NO_RESOURCES;
}

function refused(cause: JetStreamApiError): EventsError {
  return new EventsError("append_failed", `append: the stream does not take it: ${cause.message}`, {
    cause,
    retryable: true,
  });
}

function unknown(cause: unknown): EventsError {
  const reason = cause instanceof Error ? cause.message : String(cause);
  return new EventsError(
    "append_failed",
    `append: no answer in time (${reason}); the events may be in the log: the same eventIds can be given again`,
    { cause, retryable: true },
  );
}
