import { memoryStore, memoryWebhooks } from "@mcp-events/ordering";
import { ORDERING_EXTENSION } from "@mcp-events/protocol";
import { describe, expect, it, vi } from "vitest";
import { ManualClock } from "../../../ordering/src/testing/manual-clock";
import { deliveries, until } from "../testing/fake-sender";
import { failure, plain } from "../testing/setup";
import { lasting, SECRET_B, webhookSetup } from "../testing/webhook-setup";

const TTL = 15_000;

/** Servers at once on one store that they share. */
function replicas() {
  const clock = new ManualClock();
  const base = memoryStore({ clock });
  const webhooks = memoryWebhooks({ clock, shared: true });
  const store = { ...lasting(base), webhooks };
  const { subscriptions } = webhooks;
  /** A replica; a partition cuts it off from the store, whose calls then fail, or stay without an answer. */
  const begin = (options: Parameters<typeof webhookSetup>[0] = {}) => {
    let state: "up" | "dead" | "silent" = "up";
    const cut = new Proxy(subscriptions, {
      get: (_, key) => {
        const member = Reflect.get(subscriptions, key) as (...given: unknown[]) => unknown;
        return (...given: unknown[]) => {
          if (state === "dead") throw new Error("the store is out of reach");
          if (state === "silent") return new Promise(() => {});
          return member.apply(subscriptions, given);
        };
      },
    });
    const own = { ...store, webhooks: { ...webhooks, subscriptions: cut } };
    const made = webhookSetup({ store: own, ...options }, clock);
    const handle = made.events.register(plain());
    const size = () => made.events.stats().subscriptions.webhook;
    const become = (next: typeof state) => {
      state = next;
    };
    return { ...made, handle, size, become, die: () => become("dead") };
  };
  return { clock, subscriptions, begin };
}

describe("ORD-6: servers that share a store", () => {
  it("one of them owns a subscription; events that any of them emits are posted once", async () => {
    const { begin, clock } = replicas();
    const [a, b] = [begin(), begin()];
    await a.subscribe();
    await clock.advance(TTL);
    await a.handle.emit({ n: 1 });
    await b.handle.emit({ n: 2 });
    await deliveries();
    expect([a.size(), b.size()]).toEqual([1, 0]);
    expect([a.sender.numbers, b.sender.numbers]).toEqual([[1, 2], []]);
  });

  it("HOOK-3: equal subscribes at two of them at once make one subscription", async () => {
    const { begin, subscriptions } = replicas();
    const [a, b] = [begin(), begin()];
    const answers = await Promise.all([a.subscribe(), b.subscribe(), a.subscribe(), b.subscribe()]);
    expect(new Set(answers.map(({ id }) => id)).size).toBe(1);
    await deliveries();
    expect(a.size() + b.size()).toBe(1);
    expect(await subscriptions.page(undefined, 9)).toHaveLength(1);
  });

  it("HOOK-4: a refresh at another one replaces the secret and the end, and resumes delivery at the owner", async () => {
    const { begin, clock } = replicas();
    const [a, b] = [begin(), begin()];
    const { id } = await a.subscribe({ ttlMs: 120_000 });
    await a.delivered();
    await a.handle.emit({ n: 1 });
    await deliveries();
    a.events.webhooks.suspend(id);
    await a.handle.emit({ n: 2 });
    await deliveries();
    await clock.advance(60_000);
    const answer = await b.subscribe({ ttlMs: 120_000, delivery: { secret: SECRET_B } });
    expect(answer).toMatchObject({ id, truncated: false, deliveryStatus: { active: false } });
    expect(answer._meta[ORDERING_EXTENSION]).toMatchObject({ through: 1 });
    expect(Date.parse(answer.refreshBefore!)).toBe(clock.now() + 120_000);
    await deliveries();
    expect([a.sender.numbers, b.sender.numbers, b.size()]).toEqual([[1, 2], [], 0]);
    expect(a.sender.attempts[1]!.target.secrets).toHaveLength(2);
    await clock.advance(100_000);
    expect(a.size()).toBe(1);
  });

  it("HOOK-17: an unsubscribe at another one ends it at the owner", async () => {
    const { begin } = replicas();
    const [a, b] = [begin(), begin()];
    await a.subscribe();
    await b.unsubscribe();
    await deliveries();
    await a.handle.emit({ n: 1 });
    await deliveries();
    expect([a.size(), a.sender.numbers]).toEqual([0, []]);
    expect(await failure(a.unsubscribe())).toMatchObject({ error: "NotFound" });
  });

  it("a store that is away when a server starts is asked again until it answers", async () => {
    const { begin, clock, subscriptions } = replicas();
    const first = begin();
    await first.subscribe({ ttlMs: 3_600_000 });
    first.die();
    await clock.advance(2 * TTL);
    const away = vi.spyOn(subscriptions, "renew").mockImplementation(() => {
      throw new Error("the store is out of reach");
    });
    const second = begin();
    await clock.advance(4 * TTL);
    expect(second.size()).toBe(0);
    away.mockRestore();
    await clock.advance(TTL);
    await second.handle.emit({ n: 1 });
    await deliveries();
    expect([second.size(), second.sender.numbers]).toEqual([1, [1]]);
  });

  it("a lease whose answer was lost is asked for again: it is not held by one that does not deliver", async () => {
    const { begin, clock, subscriptions } = replicas();
    const first = begin();
    await first.subscribe({ ttlMs: 3_600_000 });
    first.die();
    await clock.advance(2 * TTL);
    const { lease } = subscriptions;
    const spied = vi.spyOn(subscriptions, "lease").mockImplementationOnce((...given) => {
      lease.apply(subscriptions, given);
      throw new Error("no answer");
    });
    const second = begin();
    await clock.advance(TTL);
    await deliveries();
    expect(spied.mock.calls.length).toBeGreaterThan(1);
    await second.handle.emit({ n: 1 });
    await deliveries();
    expect([second.size(), second.sender.numbers]).toEqual([1, [1]]);
  });

  it("when its owner cannot say that it lives, it stops, and another goes on where it stood", async () => {
    const { begin, clock } = replicas();
    const [a, b] = [begin(), begin()];
    await a.subscribe();
    await a.delivered();
    await a.handle.emit({ n: 1 });
    await deliveries();
    a.sender.answering = () => undefined;
    await a.handle.emit({ n: 2 });
    await deliveries();
    a.die();
    await clock.advance(TTL / 2);
    expect(b.size()).toBe(0);
    await clock.advance(TTL);
    await until(() => b.size() === 1);
    await b.delivered();
    expect([a.size(), a.sender.open]).toEqual([0, 0]);
    await b.handle.emit({ n: 3 });
    await deliveries();
    expect(b.sender.numbers).toEqual([2, 3]);
  });

  it("it stops before others may take over, not after", async () => {
    const { begin, clock } = replicas();
    const [a, b] = [begin(), begin()];
    await a.subscribe();
    a.die();
    let both = false;
    for (let ms = 0; ms < 2 * TTL; ms += 250) {
      await clock.advance(250);
      both ||= a.size() + b.size() > 1;
    }
    expect([both, a.size(), b.size()]).toEqual([false, 0, 1]);
  });

  it("it stops before others may take over also when the store does not answer at all", async () => {
    const { begin, clock } = replicas();
    const [a, b] = [begin(), begin()];
    await a.subscribe({ ttlMs: 3_600_000 });
    a.become("silent");
    let both = false;
    for (let ms = 0; ms < 2 * TTL; ms += 250) {
      await clock.advance(250);
      both ||= a.size() + b.size() > 1;
    }
    expect([both, a.size(), b.size()]).toEqual([false, 0, 1]);
  });

  it("after a time without the store in which nobody took them, its subscriptions are delivered again", async () => {
    for (const awayMs of [TTL - 500, 4 * TTL]) {
      const { begin, clock } = replicas();
      const a = begin();
      await a.subscribe({ ttlMs: 3_600_000 });
      await a.delivered();
      a.die();
      await clock.advance(awayMs);
      expect(a.size()).toBe(0);
      a.become("up");
      await clock.advance(TTL);
      await a.handle.emit({ n: 1 });
      await a.delivered();
      expect([a.size(), a.sender.numbers]).toEqual([1, [1]]);
    }
  });

  it("what it takes up for long does not keep it from saying that it lives", async () => {
    const { begin, clock, subscriptions } = replicas();
    const [a, gone] = [begin(), begin()];
    await a.subscribe({ ttlMs: 3_600_000 });
    await gone.subscribe({ ttlMs: 3_600_000, delivery: { url: "https://a.example/hooks/2" } });
    await a.delivered();
    gone.become("silent");
    vi.spyOn(subscriptions, "place").mockImplementation(() => new Promise(() => {}) as never);
    await clock.advance(5 * TTL);
    const { page } = subscriptions;
    expect([a.size(), await page.call(subscriptions, undefined, 9, { unowned: true })]).toEqual([1, []]);
    expect(a.logged.map(({ message }) => message)).not.toContain(
      "mcp-events: a webhook subscription has another owner",
    );
  });

  it("what it was about to take up when its own time ran out it does not post to", async () => {
    const { begin, clock, subscriptions } = replicas();
    const gone = begin();
    await gone.subscribe({ ttlMs: 3_600_000 });
    await gone.close();
    let answer = () => {};
    const { place } = subscriptions;
    vi.spyOn(subscriptions, "place").mockImplementationOnce(
      (id) =>
        new Promise((resolve) => {
          answer = () => resolve(place.call(subscriptions, id));
        }) as never,
    );
    const late = begin();
    await deliveries();
    late.become("silent");
    const next = begin();
    await clock.advance(2 * TTL);
    await until(() => next.size() === 1);
    answer();
    await next.handle.emit({ n: 1 });
    await next.delivered();
    expect([late.sender.numbers, next.sender.numbers]).toEqual([[], [1]]);
  });

  it("one that expired while the store failed is removed once it does not", async () => {
    const { begin, clock, subscriptions } = replicas();
    const a = begin();
    const { refreshBefore } = await a.subscribe();
    vi.spyOn(subscriptions, "delete").mockImplementationOnce(() => {
      throw new Error("the store is out of reach");
    });
    await clock.advance(Date.parse(refreshBefore!) - clock.now() + 10_000);
    expect([a.size(), subscriptions.page(undefined, 9)]).toEqual([0, []]);
  });

  it("[pitfall 22] a change that is heard of while it closes leaves no timer behind", async () => {
    const { begin, subscriptions } = replicas();
    const [a, b] = [begin(), begin()];
    const { id } = await a.subscribe();
    await a.delivered();
    let answer = () => {};
    const { get } = subscriptions;
    const stored = get.call(subscriptions, id)!;
    vi.spyOn(subscriptions, "get").mockReturnValueOnce(
      new Promise((resolve) => {
        answer = () => resolve(get.call(subscriptions, id));
      }) as never,
    );
    subscriptions.put({ ...stored, expiresAt: stored.expiresAt! + 60_000 });
    await deliveries();
    await b.close();
    await a.close();
    answer();
    await deliveries();
    expect(a.events.stats()).toMatchObject({ timers: 0, readers: 0 });
    expect(a.clock.pending).toBe(0);
  });

  it("one that slept past its time has nothing any more, and takes up what nobody took", async () => {
    const { begin, clock } = replicas();
    const a = begin();
    const { id } = await a.subscribe();
    await a.delivered();
    clock.jump(10 * TTL);
    await clock.advance(TTL);
    await until(() => a.size() === 1);
    await a.handle.emit({ n: 1 });
    await a.delivered();
    expect(a.sender.attempts.at(-1)).toMatchObject({ n: 1, target: { subscriptionId: id } });
    expect(a.logged.map(({ message }) => message)).toContain(
      "mcp-events: a webhook subscription has another owner",
    );
  });

  it("one that closes gives its subscriptions away at once", async () => {
    const { begin } = replicas();
    const [a, b] = [begin(), begin()];
    await a.subscribe();
    await a.delivered();
    await a.close();
    await until(() => b.size() === 1);
    await b.handle.emit({ n: 1 });
    await b.delivered();
    expect(b.sender.numbers).toEqual([1]);
    expect(a.events.stats()).toMatchObject({ timers: 0, readers: 0 });
  });

  it("HOOK-13: what the owner suspended stays suspended with the next", async () => {
    const { begin } = replicas();
    const [a, b] = [begin(), begin()];
    const { id } = await a.subscribe();
    await a.delivered();
    a.events.webhooks.suspend(id);
    await a.handle.emit({ n: 1 });
    await a.close();
    await until(() => b.size() === 1);
    await b.delivered();
    expect(b.sender.numbers).toEqual([]);
    const { deliveryStatus } = await b.subscribe();
    expect(deliveryStatus).toMatchObject({ active: false });
    await deliveries();
    expect(b.sender.numbers).toEqual([1]);
  });

  it("AUTH-3: one that has no room for a subscription leaves it to another", async () => {
    const { begin, clock } = replicas();
    const a = begin();
    await a.subscribe();
    const full = begin({ limits: { subscriptions: 0 } });
    await a.close();
    await deliveries();
    expect(full.size()).toBe(0);
    const c = begin();
    await clock.advance(TTL);
    await until(() => c.size() === 1);
    expect(full.size()).toBe(0);
  });
});
