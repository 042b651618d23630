import {
  type JsonObject,
  type PostResult,
  type ServerTransport,
  type WebhookMessage,
  type WebhookSender,
  type WebhookTarget,
  WireError,
} from "@mcp-events/protocol";
import { settle } from "../../../ordering/src/testing/manual-clock";

/** One attempt as it reached the fake endpoint. */
export interface Attempt {
  readonly target: WebhookTarget;
  readonly id: string;
  readonly body: JsonObject & { _meta: Record<string, Record<string, unknown>> };
  /** Number of the event in it. */
  readonly n: unknown;
  answer(result: PostResult | number): void;
}

/** What the endpoint answers by itself; `undefined`: the test answers each attempt. */
export type Answering = (attempt: Attempt) => PostResult | number | undefined;

/** A webhook sender whose endpoints are the test. */
export class FakeSender implements WebhookSender {
  readonly attempts: Attempt[] = [];
  readonly verified: WebhookTarget[] = [];
  /** What verification throws. */
  refuse: Error | undefined;
  throttled: number | undefined;
  closed = false;
  answering: Answering | undefined = () => 200;
  /** Attempts that wait for their answer. */
  open = 0;
  mostOpen = 0;

  requireUrl(url: string): void {
    if (!url.startsWith("https://")) throw new WireError("InvalidParams", `not https: ${url}`);
  }

  async verify(target: WebhookTarget): Promise<void> {
    this.verified.push(target);
    if (this.refuse !== undefined) throw this.refuse;
  }

  post(target: WebhookTarget, make: () => WebhookMessage, signal: AbortSignal): Promise<PostResult> {
    return new Promise((resolve) => {
      if (signal.aborted) return resolve({ kind: "cancelled" });
      const { id, body: text } = make();
      const body = JSON.parse(text);
      this.open += 1;
      this.mostOpen = Math.max(this.mostOpen, this.open);
      let waiting = true;
      const end = (result: PostResult) => {
        if (!waiting) return;
        waiting = false;
        signal.removeEventListener("abort", cut);
        this.open -= 1;
        resolve(result);
      };
      const cut = () => end({ kind: "cancelled" });
      signal.addEventListener("abort", cut, { once: true });
      const answer = (result: PostResult | number) =>
        end(typeof result === "number" ? { kind: "answered", status: result } : result);
      const attempt: Attempt = { target, id, body, n: body.data?.n, answer };
      this.attempts.push(attempt);
      const own = this.answering?.(attempt);
      if (own !== undefined) answer(own);
    });
  }

  throttledMs(): number | undefined {
    return this.throttled;
  }

  async close(): Promise<void> {
    this.closed = true;
  }

  /** Numbers of the events posted, in order of the attempts. */
  get numbers(): unknown[] {
    return this.attempts.map(({ n, body }) => n ?? body.type);
  }

  /** Forgets what was posted so far. */
  forget(): void {
    this.attempts.length = 0;
  }
}

/** The transport of a {@link FakeSender}. */
export function fakeWebhook(sender: FakeSender): ServerTransport {
  return { name: "webhook", connect: () => undefined, webhookSender: sender };
}

/** Waits until something is so, without any time passing on the manual clock. */
export async function until(isSo: () => boolean): Promise<void> {
  for (let turn = 0; !isSo(); turn += 1) {
    if (turn > 10_000) throw new Error("it did not come to be so");
    await settle();
  }
}

/** Lets posts, answers and what follows from them settle. */
export async function deliveries(turns = 8): Promise<void> {
  for (let turn = 0; turn < turns; turn += 1) await settle();
}
