import { describe, expect, it } from "vitest";
import { memoryStore } from "../memory-store";
import { memoryWebhooks } from "./memory-webhooks";
import type { DeadLetter, StoredSubscription } from "./webhook-store";

const subscription = (id: string, rest: Partial<StoredSubscription> = {}): StoredSubscription => ({
  id,
  principal: "ann",
  url: "https://receiver.example/hook",
  name: "note.created",
  arguments: {},
  secrets: [{ secret: "whsec_one", until: null }],
  expiresAt: null,
  ...rest,
});
const letter = (id: string, subscriptionId = "s", rest: Partial<DeadLetter> = {}): DeadLetter => ({
  id,
  subscriptionId,
  principal: "ann",
  url: "https://receiver.example/hook",
  arguments: {},
  log: "events",
  epoch: 1,
  entry: { seq: 1, name: "note.created", eventId: id, timestamp: "2026-01-01T00:00:00.000Z", data: {} },
  at: 0,
  attempts: 4,
  lastError: "timeout",
  ...rest,
});
const ids = (stored: readonly { readonly id: string }[]) => stored.map(({ id }) => id);

function store(maxDeadLetters?: number) {
  return memoryWebhooks({ maxDeadLetters });
}

describe("dead letters", () => {
  it("ORDERING rule 14: writing a dead letter twice makes one, the later, in its place", () => {
    const { deadLetters } = store();
    deadLetters.add(letter("1"));
    deadLetters.add(letter("2"));
    deadLetters.add(letter("1", "s", { attempts: 5 }));
    expect(deadLetters.get("1")?.attempts).toBe(5);
    expect(ids(deadLetters.page({ limit: 9 }))).toEqual(["1", "2"]);
  });

  it("pages through them oldest first, all or those of one subscription", () => {
    const { deadLetters } = store();
    for (const [id, of] of [
      ["9", "s"],
      ["8", "t"],
      ["7", "s"],
      ["6", "s"],
    ] as const) {
      deadLetters.add(letter(id, of));
    }
    expect(ids(deadLetters.page({ limit: 3 }))).toEqual(["9", "8", "7"]);
    expect(ids(deadLetters.page({ after: "7", limit: 3 }))).toEqual(["6"]);
    expect(ids(deadLetters.page({ subscriptionId: "s", limit: 2 }))).toEqual(["9", "7"]);
    expect(ids(deadLetters.page({ subscriptionId: "s", after: "7", limit: 2 }))).toEqual(["6"]);
  });

  it("delete says whether it was there; who deletes each page goes on after it", () => {
    const { deadLetters } = store();
    for (const id of ["1", "2", "3", "4"]) deadLetters.add(letter(id));
    for (const id of ["2", "3"]) expect(deadLetters.delete(id)).toBe(true);
    expect([deadLetters.delete("2"), deadLetters.get("2")]).toEqual([false, undefined]);
    expect(ids(deadLetters.page({ after: "3", limit: 9 }))).toEqual(["4"]);
    deadLetters.add(letter("2"));
    expect(ids(deadLetters.page({ limit: 9 }))).toEqual(["1", "4", "2"]);
  });

  it("[pitfall 19] keeps at most maxDeadLetters; the oldest leave, and paging goes on", () => {
    const { deadLetters } = store(2);
    for (const id of ["1", "2", "3", "4"]) deadLetters.add(letter(id));
    expect(deadLetters.get("2")).toBeUndefined();
    expect(ids(deadLetters.page({ after: "2", limit: 9 }))).toEqual(["3", "4"]);
  });

  it("option_invalid names the field", () => {
    for (const maxDeadLetters of [0, -1, 1.5, Number.NaN]) {
      expect(() => store(maxDeadLetters)).toThrow(
        expect.objectContaining({
          code: "option_invalid",
          message: expect.stringContaining("maxDeadLetters"),
        }),
      );
    }
  });
});

it("a memory store keeps webhooks of its own", () => {
  const [one, other] = [memoryStore(), memoryStore()];
  const place = { epoch: 1, through: 0, last: 0, givenUp: [] };
  one.webhooks.subscriptions.create(subscription("a"), place, "owner");
  expect([one.webhooks.subscriptions.get("a")?.id, other.webhooks.subscriptions.get("a")]).toEqual([
    "a",
    undefined,
  ]);
});
