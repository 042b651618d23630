import { Lanes, type Outgoing } from "@mcp-events/ordering";
import {
  type JsonObject,
  type Message,
  NOTIFICATIONS,
  type WebhookMessage,
  type WebhookSender,
  type WebhookTarget,
} from "@mcp-events/protocol";
import type { World } from "../kernel/world";
import type { Control } from "./control";
import { all, replace } from "./patches";
import { withCrashingSender, withPlainReceivers } from "./plans";
import { changed, plain } from "./wire";

const ACCEPTED = { kind: "answered", status: 200 } as const;

/** The sender with another way to post. */
function posting(sender: WebhookSender, post: WebhookSender["post"]): WebhookSender {
  return {
    requireUrl: (url) => sender.requireUrl(url),
    verify: (target, signal) => sender.verify(target, signal),
    throttledMs: (url) => sender.throttledMs(url),
    close: () => sender.close(),
    post,
  };
}

/** Posts a message again and again, whatever else is posted. */
async function untilAccepted(
  sender: WebhookSender,
  world: World,
  target: WebhookTarget,
  message: WebhookMessage,
  signal: AbortSignal,
): Promise<void> {
  for (let tries = 0; tries < 8 && !signal.aborted; tries += 1) {
    const result = await sender.post(target, () => message, signal);
    if (result.kind === "answered" && result.status < 300) return;
    await new Promise<void>((resolve) => void world.loop.after(30, resolve));
  }
}

/** Known blunders of event servers and clients, each as it is found in the wild. */
export const BLUNDERS: readonly Control[] = [
  {
    name: "concurrent-posting",
    breaks: "ORD-1, rule 10: every event is posted at once and retried by itself, without lanes",
    within: 300,
    plan: withPlainReceivers,
    sender: (sender, world) =>
      posting(sender, async (target, make, signal) => {
        void untilAccepted(sender, world, target, make(), signal);
        return ACCEPTED;
      }),
  },
  {
    name: "retried-in-background",
    breaks: "ORD-1, rule 11: what failed is retried by itself, while later events of its lane are posted",
    within: 300,
    plan: withPlainReceivers,
    sender: (sender, world) =>
      posting(sender, async (target, make, signal) => {
        const message = make();
        const result = await sender.post(target, () => message, signal);
        if (result.kind === "answered" && result.status < 300) return result;
        void untilAccepted(sender, world, target, message, signal);
        return ACCEPTED;
      }),
  },
  {
    name: "watermark-maximum",
    breaks: "ORD-2, rule 13: the watermark is the greatest acknowledged position, not a contiguous one",
    within: 400,
    plan: withCrashingSender,
    patch: () => {
      const most = new WeakMap<object, number>();
      const ahead = (own: PropertyDescriptor): PropertyDescriptor => ({
        get(this: object) {
          return Math.max(own.get!.call(this) as number, most.get(this) ?? 0);
        },
      });
      return all(
        replace(Lanes.prototype, "through", ahead),
        replace(Lanes.prototype, "last", ahead),
        replace(Lanes.prototype, "settle", (own) => ({
          value(this: object, outgoing: Outgoing<unknown>) {
            most.set(this, Math.max(most.get(this) ?? 0, outgoing.seq));
            return own.value.call(this, outgoing);
          },
        })),
      );
    },
  },
  {
    name: "unchained-filter",
    breaks: "ORD-1, rule 5: each event leaves when its filter answered, in whatever order that is",
    within: 100,
    stream: (forward, world) => (message) => {
      const bare = changed(message, plain);
      if (message.method !== NOTIFICATIONS.event) return forward(bare);
      world.loop.after(world.random.between(1, 60), () => forward(bare));
    },
    answer: (_method, result) => plain(result),
    body: plain,
  },
  {
    name: "events-before-active",
    breaks: "PUSH-2, rule 7: live events go out before `active` and the replay that it announces",
    within: 100,
    stream: (forward, world) => {
      let held: Message | undefined;
      return (message) => {
        if (message.method !== NOTIFICATIONS.active) return forward(message);
        held = message;
        world.loop.after(60, () => {
          if (held !== undefined) forward(held);
        });
      };
    },
  },
  {
    name: "small-dedupe-window",
    breaks: "ORD-3: a copy is known by the last few event ids, not by its position",
    within: 300,
    dedupeWindow: 1,
    stream: (forward) => (message) => forward(changed(message, plain)),
    answer: (_method, result) => plain(result),
    body: plain,
  },
  {
    name: "acknowledge-before-commit",
    breaks: "ORD-9, rule 20: a delivery is answered 2xx when it arrived",
    within: 100,
    take: (take) => async (body: JsonObject) => {
      void take(body);
      return "accepted";
    },
  },
  {
    name: "cursor-before-handler",
    breaks: "ORD-9: the position is stored before the handler is done",
    within: 100,
    handler: "commits first",
  },
];
