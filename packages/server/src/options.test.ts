import { memoryStore, memoryWebhooks } from "@mcp-events/ordering";
import { describe, expect, it } from "vitest";
import { resolveOptions, SERVER_DEFAULTS } from "./options";

describe("options", () => {
  it("fill in defaults", () => {
    expect(resolveOptions()).toMatchObject(SERVER_DEFAULTS);
    expect(resolveOptions({ limits: { subscriptions: 7 } }).limits).toEqual({
      subscriptions: 7,
      subscriptionsPerPrincipal: 7,
      anonymousSubscriptions: 7,
    });
  });

  it.each([
    ["heartbeatMs", { heartbeatMs: 0 }],
    ["heartbeatMs", { heartbeatMs: 2 ** 31 }],
    ["maxPollEvents", { maxPollEvents: 1.5 }],
    ["leaseMs", { leaseMs: 3_000, nextPollMs: 2_000 }],
    ["leaseMs", { leaseMs: 5_000, longPollMs: 3_000 }],
    ["pollScanLimit", { pollScanLimit: 10, maxPollEvents: 20 }],
    ["maxCheckBackoffMs", { maxCheckBackoffMs: 1 }],
    ["limits.subscriptionsPerPrincipal", { limits: { subscriptions: 1, subscriptionsPerPrincipal: 2 } }],
    ["limits.subscriptions", { limits: { subscriptions: -1 } }],
    ["cursorKey", { cursorKey: "short" }],
    ["profile", { profile: "other" as "sketch" }],
  ])("refuse a wrong %s by name", (option, options) => {
    expect(() => resolveOptions(options)).toThrow(
      expect.objectContaining({ code: "option_invalid", message: expect.stringContaining(option) }),
    );
  });

  it("ORD-6: the log in memory is refused where other replicas serve, too", () => {
    expect(() => resolveOptions({ replicas: true })).toThrow(/store is this process's alone/);
    const shared = { ...memoryStore(), webhooks: memoryWebhooks({ shared: true }) };
    expect(resolveOptions({ replicas: true, store: shared }).replicas).toBe(true);
  });

  it("[pitfall 35]: the default principal is the subject, never the OAuth client id", () => {
    const { principalOf } = resolveOptions();
    expect(principalOf({ clientId: "app", extra: { sub: "alice" } })).toBe("alice");
    expect(principalOf({ clientId: "app" })).toBeNull();
    expect(principalOf(undefined)).toBeNull();
  });

  it("numbers of the default random source lie in [0, 1)", () => {
    const { random } = resolveOptions();
    const drawn = Array.from({ length: 100 }, random);
    expect(drawn.every((value) => value >= 0 && value < 1)).toBe(true);
    expect(new Set(drawn).size).toBeGreaterThan(90);
  });
});
