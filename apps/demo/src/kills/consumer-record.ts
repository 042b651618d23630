import { appendLine } from "../result/record";
import type { ConsumerLine, Place } from "./record-lines";

/** What a handler is given, by an event client or by an ordered handler. */
export type HandledItem =
  | { readonly kind: "gap"; readonly reason: string; readonly to?: Place | undefined }
  | {
      readonly kind: "event";
      readonly eventId: string;
      readonly data: Readonly<Record<string, unknown>>;
      readonly position?: Place | undefined;
    };

/** Where a consumer's handler writes down what it was given; in the hands of the system before it is committed. */
export class ConsumerRecord {
  constructor(private readonly file: string) {
    this.#write({ kind: "started" });
  }

  handled(item: HandledItem): void {
    if (item.kind === "gap") {
      const { reason, to } = item;
      this.#write({ kind: "gap", reason, to: to && { epoch: to.epoch, seq: to.seq } });
      return;
    }
    const { eventId, data, position } = item;
    const { epoch, seq } = position ?? { epoch: -1, seq: -1 };
    this.#write({ kind: "event", eventId, epoch, seq, ...(typeof data.n === "number" && { n: data.n }) });
  }

  #write(line: ConsumerLine): void {
    appendLine(this.file, line);
  }
}
