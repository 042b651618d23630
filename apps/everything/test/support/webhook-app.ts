import type { EverythingOptions } from "../../src/options";
import { EVERYTHING_DEFAULTS } from "../../src/options";
import { LINES, type Pairing, paired } from "./app";
import { Hook, secretOf } from "./hook";
import { callTool, type Peer, type Raw, result } from "./json-rpc";

export { LINES };

export const SECRET = secretOf("a");

/** Short waits, so that a test of retries ends soon. */
const QUICK: Partial<EverythingOptions> = {
  allowLoopbackWebhooks: true,
  webhookTimeoutMs: 300,
  webhooks: { ...EVERYTHING_DEFAULTS.webhooks, firstRetryMs: 10, retryFactor: 1 },
};

/** An app, a peer who is alice, and an endpoint. */
export class WebhookApp {
  private constructor(
    readonly peer: Peer,
    readonly hook: Hook,
  ) {}

  static async start(pairing: Pairing, options: Partial<EverythingOptions> = {}): Promise<WebhookApp> {
    const webhooks = { ...QUICK.webhooks, ...options.webhooks };
    const peer = await paired(pairing, { ...QUICK, ...options, webhooks }, "alice");
    return new WebhookApp(peer, await Hook.listen());
  }

  /** The whole response to `events/subscribe`. */
  ask(params: object = {}, peer = this.peer): Promise<Raw> {
    const { delivery, ...rest } = params as { delivery?: object };
    return peer.request("events/subscribe", {
      name: "hookonly.pinged",
      delivery: { mode: "webhook", url: this.hook.url(), secret: SECRET, ...delivery },
      ...rest,
    });
  }

  /** The result of `events/subscribe`. */
  async subscribe(params: object = {}, peer = this.peer): Promise<Raw> {
    const { result: answer, error } = await this.ask(params, peer);
    if (error !== undefined) throw new Error(JSON.stringify(error));
    return answer;
  }

  unsubscribe(params: object = {}): Promise<Raw> {
    return this.peer.request("events/unsubscribe", {
      name: "hookonly.pinged",
      delivery: { url: this.hook.url() },
      ...params,
    });
  }

  /** Emits `count` events with `n` = 1 … count. */
  emit(count: number, args: object = {}): Promise<Raw> {
    return callTool(this.peer, "emit", { name: "hookonly.pinged", count, ...args });
  }

  tool(name: string, args: object = {}): Promise<Raw> {
    return callTool(this.peer, name, args);
  }

  ok(method: string, params: object): Promise<Raw> {
    return result(this.peer, method, params);
  }
}
