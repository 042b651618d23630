import type { Outcome, Verdict } from "@mcp-events/ordering";
import {
  type DeliveryOutcome,
  type JsonObject,
  orderingPositionSchema,
  readOrdering,
  streamErrorSchema,
  WireError,
} from "@mcp-events/protocol";
import type { Delivery } from "./driver";

type Answer = (outcome: Outcome) => void;

/** Takes what is posted to one callback, and answers each delivery once it is safe (HOOK-18, ORDERING rule 20). */
export class WebhookInbox {
  /** What waits for its outcome, or for the subscription to stand. */
  readonly #waiting = new Set<Answer>();
  #before: (() => void)[] | undefined = [];
  #over = false;

  /**
   * @param onTaken - Told after each delivery and what became of it.
   * @param onTerminated - The server ended the subscription.
   */
  constructor(
    private readonly delivery: Delivery,
    private readonly onTaken: (body: JsonObject, verdict: Verdict) => void,
    private readonly onTerminated: (error: Error) => void,
  ) {}

  /** The subscription stands: deliveries are taken from now on. */
  open(): void {
    const before = this.#before ?? [];
    this.#before = undefined;
    for (const go of before) go();
  }

  /** Nothing is taken any more; what waits is to be sent again. */
  close(): void {
    this.#over = true;
    this.open();
    for (const answer of [...this.#waiting]) answer("refused");
  }

  /** Never rejects. */
  async take(body: JsonObject): Promise<DeliveryOutcome> {
    if (this.#before !== undefined && !(await this.#standing(this.#before))) return "retry";
    if (this.#over) return "retry";
    const outcome = await this.#outcome(body);
    if (outcome === "refused") return "retry";
    try {
      await this.delivery.stored();
      return "accepted";
    } catch (error) {
      this.delivery.settings.logger.error("the position was not stored", { error });
      return "retry";
    }
  }

  /** What comes before the answer to our request cannot be placed yet. */
  async #standing(before: (() => void)[]): Promise<boolean> {
    if (before.length >= this.delivery.settings.maxBuffered) return false;
    await new Promise<void>((resolve) => before.push(resolve));
    return true;
  }

  #outcome(body: JsonObject): Promise<Outcome> {
    return new Promise((resolve) => {
      const answer: Answer = (outcome) => {
        this.#waiting.delete(answer);
        resolve(outcome);
      };
      this.#waiting.add(answer);
      const verdict = this.#read(body, answer);
      if (verdict === undefined) return;
      if (verdict !== "refused") this.delivery.healthy();
      this.delivery.changed();
      this.onTaken(body, verdict);
    });
  }

  /** `undefined` when nothing came of it. */
  #read(body: JsonObject, answer: Answer): Verdict | undefined {
    const { intake, settings } = this.delivery;
    if (!("type" in body)) return intake.delivered(body, answer);
    if (body.type === "gap") return intake.gap(body, answer);
    answer("committed");
    if (body.type === "terminated") this.#terminated(body);
    else settings.logger.warn("an unknown webhook envelope was left aside", { type: body.type });
    return undefined;
  }

  #terminated(body: JsonObject): void {
    const position = readOrdering(body._meta, orderingPositionSchema);
    if (position !== undefined) this.delivery.intake.position(position);
    const parsed = streamErrorSchema.safeParse(body);
    this.onTerminated(
      parsed.success
        ? WireError.fromWire(parsed.data.error)
        : new WireError("InternalError", "the server ended the subscription"),
    );
  }
}
