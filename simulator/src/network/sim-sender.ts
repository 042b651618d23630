import {
  type JsonObject,
  type PostResult,
  type WebhookMessage,
  type WebhookSender,
  type WebhookTarget,
  WireError,
} from "@mcp-events/protocol";
import type { ProcessClock } from "../kernel/process-clock";
import { showBody } from "../kernel/show";
import type { World } from "../kernel/world";
import type { Endpoint, Web } from "./web";

/** How long one attempt may take, in milliseconds. */
const ATTEMPT_MS = 500;

/** Sees what is posted and what becomes of it. */
export interface PostWatch {
  posted(target: WebhookTarget, body: JsonObject): (result: PostResult) => void;
}

/** Posts of one server process through the faulty network. */
export class SimSender implements WebhookSender {
  constructor(
    private readonly world: World,
    private readonly web: Web,
    private readonly clock: ProcessClock,
    private readonly watch: PostWatch,
  ) {}

  requireUrl(): void {}

  throttledMs(): undefined {}

  async close(): Promise<void> {}

  async verify(target: WebhookTarget, signal: AbortSignal): Promise<void> {
    const body = { type: "verification", challenge: "c" };
    const result = await this.#attempt(target, body, signal);
    if (result.kind === "answered" && result.status === 200) return;
    throw new WireError("CallbackEndpointError", "not verified", { reason: "unreachable" });
  }

  post(target: WebhookTarget, make: () => WebhookMessage, signal: AbortSignal): Promise<PostResult> {
    if (!this.clock.alive) return new Promise(() => {});
    if (signal.aborted) return Promise.resolve({ kind: "cancelled" });
    const made = JSON.parse(make().body) as JsonObject;
    const body = this.world.control?.body?.(made, this.world) ?? made;
    const over = this.watch.posted(target, body);
    return this.#attempt(target, body, signal).then((result) => {
      over(result);
      return result;
    });
  }

  #attempt(target: WebhookTarget, body: JsonObject, signal: AbortSignal): Promise<PostResult> {
    const attempt = this.world.number();
    return new Promise((resolve) => {
      const end = (result: PostResult) => {
        stopTimer();
        signal.removeEventListener("abort", cancel);
        if (this.clock.alive) resolve(result);
      };
      const cancel = () => end({ kind: "cancelled" });
      const stopTimer = this.clock.after(ATTEMPT_MS, () => end({ kind: "failed", error: "timeout" }));
      signal.addEventListener("abort", cancel, { once: true });
      this.#send(target, body, attempt, end);
    });
  }

  #send(target: WebhookTarget, body: JsonObject, attempt: number, end: (result: PostResult) => void): void {
    const { world } = this;
    const endpoint = this.web.at(target.url);
    const what = () => `#${attempt} to ${new URL(target.url).host} ${showBody(body)}`;
    world.tell(() => `post ${what()}`);
    if (endpoint?.link.blocks(`post #${attempt}`)) return;
    if (world.strikes("postLost", "post lost", what)) return;
    const isLate = world.strikes("postLate", "post arrived after its time limit", what);
    const copies = world.strikes("postDuplicated", "post duplicated", what) ? 2 : 1;
    for (let copy = 0; copy < copies; copy += 1) {
      const isSlow = !isLate && world.random.chance(world.rates.delayed);
      if (isSlow) world.fault("post delayed");
      const least = isLate ? ATTEMPT_MS + 10 : 1;
      const ms = world.random.between(least, isLate ? ATTEMPT_MS + 900 : isSlow ? 300 : 8);
      world.loop.after(ms, () => void this.#arrive(target, body, attempt, end));
    }
  }

  async #arrive(
    target: WebhookTarget,
    body: JsonObject,
    attempt: number,
    end: (result: PostResult) => void,
  ): Promise<void> {
    const { world, web } = this;
    const endpoint = web.at(target.url);
    if (endpoint === undefined) return end({ kind: "failed", error: "connection_refused" });
    if (endpoint.link.blocks(`post #${attempt}`)) return;
    if (web.arrived(target.url, attempt)) world.fault("post overtook another", () => `#${attempt} is late`);
    const status = await this.#answer(endpoint, target, body);
    if (status === undefined) return;
    world.tell(() => `answer to #${attempt}: ${status}`);
    if (endpoint.link.blocks("an answer")) return;
    if (world.strikes("postAnswerLost", "post answer lost", () => `#${attempt} ${status}`)) return;
    world.loop.after(world.random.between(1, 8), () => end({ kind: "answered", status }));
  }

  async #answer(endpoint: Endpoint, target: WebhookTarget, body: JsonObject): Promise<number | undefined> {
    const { world } = this;
    if (world.strikes("answers503", "receiver answered 503")) return 503;
    if (world.strikes("answers500", "receiver answered 500")) return 500;
    const isEvent = body.type === undefined;
    if (isEvent && world.strikes("answers413", "receiver answered 413")) return 413;
    return endpoint.receive(target.url, structuredClone(body), target.secrets);
  }
}
