import { defineEvent } from "@mcp-events/protocol";
import * as z from "zod";
import type { CheckContext, CheckResult } from "../types";

/** A check-backed event type over a {@link FakeUpstream}. */
export const change = defineEvent("change.seen", {
  description: "Something changed upstream",
  inputSchema: z.object({ where: z.string().optional() }),
  payloadSchema: z.object({ n: z.int() }),
});

interface Options {
  /** Most events in one answer. */
  page?: number;
  /** Give events ids of their own. */
  ids?: boolean;
}

/** An upstream that numbers its events 1, 2, 3, … and can be asked what came after a number. */
export class FakeUpstream {
  /** The cursors it was asked from. */
  readonly asked: (string | null)[] = [];
  readonly contexts: CheckContext[] = [];
  #last = 0;
  #floor = 0;
  #failing = 0;
  #answer: unknown;

  constructor(private readonly options: Options = {}) {}

  /** Something happens upstream, `count` times. */
  happen(count = 1): void {
    this.#last += count;
  }

  /** The upstream forgets everything so far. */
  forget(): void {
    this.#floor = this.#last;
  }

  /** The next calls fail. */
  fail(times: number): void {
    this.#failing = times;
  }

  /** The next call answers this, whatever it is. */
  answer(value: unknown): void {
    this.#answer = value;
  }

  readonly check = async (
    context: CheckContext,
    _args: unknown,
    cursor: string | null,
  ): Promise<CheckResult<{ n: number }>> => {
    this.asked.push(cursor);
    this.contexts.push(context);
    if (this.#failing > 0) {
      this.#failing -= 1;
      throw new Error("upstream is down: secret detail");
    }
    if (this.#answer !== undefined) {
      const answer = this.#answer;
      this.#answer = undefined;
      return answer as CheckResult<{ n: number }>;
    }
    if (cursor === null) return { events: [], cursor: String(this.#last) };
    const { page = 1_000, ids = true } = this.options;
    const from = Math.max(Number(cursor), this.#floor);
    const to = Math.min(from + page, this.#last);
    const events = Array.from({ length: Math.max(to - from, 0) }, (_, index) => {
      const n = from + index + 1;
      return { data: { n }, ...(ids && { eventId: `up-${n}` }) };
    });
    const truncated = from > Number(cursor);
    return { events, cursor: String(Math.max(to, from)), hasMore: to < this.#last, truncated };
  };
}
