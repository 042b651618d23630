import { describe, expect, it } from "vitest";
import { memoryStore } from "../memory-store";
import { memoryWebhooks } from "./memory-webhooks";
import type { DeadLetter, SettledPlace, StoredSubscription } from "./webhook-store";

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
const place = (through: number): SettledPlace => ({ epoch: 1, through, last: through, givenUp: [] });
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

describe("subscriptions", () => {
  it("HOOK-3: put adds a subscription, or replaces it; delete forgets it", () => {
    const { subscriptions } = store();
    expect(subscriptions.get("a")).toBeUndefined();
    subscriptions.put(subscription("a"));
    subscriptions.put(subscription("a", { expiresAt: 5 }));
    expect(subscriptions.get("a")).toEqual(subscription("a", { expiresAt: 5 }));
    expect(ids(subscriptions.page(undefined, 9))).toEqual(["a"]);
    subscriptions.delete("a");
    subscriptions.delete("a");
    expect([subscriptions.get("a"), subscriptions.page(undefined, 9)]).toEqual([undefined, []]);
  });

  it("pages through all in the order of their ids, whatever was put or deleted between pages", () => {
    const { subscriptions } = store();
    for (const id of ["d", "B", "a", "c", "é"]) subscriptions.put(subscription(id));
    expect(ids(subscriptions.page(undefined, 2))).toEqual(["B", "a"]);
    subscriptions.delete("a");
    subscriptions.put(subscription("b"));
    subscriptions.put(subscription("A"));
    expect(ids(subscriptions.page("a", 2))).toEqual(["b", "c"]);
    expect(ids(subscriptions.page("c", 9))).toEqual(["d", "é"]);
    expect(ids(subscriptions.page("é", 9))).toEqual([]);
  });

  it("ORDERING rule 12: every owner's token is greater than all before, also after the subscription was deleted", () => {
    const { subscriptions } = store();
    subscriptions.put(subscription("a"));
    const first = subscriptions.takeOver("a");
    const second = subscriptions.takeOver("a");
    subscriptions.delete("a");
    subscriptions.put(subscription("a"));
    const third = subscriptions.takeOver("a");
    expect(first > 0 && second > first && third > second).toBe(true);
  });

  it("ORDERING rule 12: a place saved with an older token is refused, and nothing is stored", () => {
    const { subscriptions } = store();
    subscriptions.put(subscription("a"));
    expect(subscriptions.place("a")).toBeUndefined();
    const first = subscriptions.takeOver("a");
    expect(subscriptions.savePlace("a", first, place(3))).toBe(true);
    const second = subscriptions.takeOver("a");
    expect(subscriptions.savePlace("a", first, place(9))).toBe(false);
    expect(subscriptions.place("a")).toEqual(place(3));
    expect(subscriptions.savePlace("a", second, place(4))).toBe(true);
    expect(subscriptions.place("a")).toEqual(place(4));
  });

  it("ORDERING rule 12: tokens of one subscription do not fence another", () => {
    const { subscriptions } = store();
    for (const id of ["a", "b"]) subscriptions.put(subscription(id));
    const token = subscriptions.takeOver("a");
    subscriptions.takeOver("b");
    expect(subscriptions.savePlace("a", token, place(3))).toBe(true);
    expect(subscriptions.savePlace("b", token, place(3))).toBe(false);
  });

  it("ORDERING rule 12: after delete a place is refused, also when the subscription was put again", () => {
    const { subscriptions } = store();
    subscriptions.put(subscription("a"));
    const token = subscriptions.takeOver("a");
    subscriptions.savePlace("a", token, place(3));
    subscriptions.delete("a");
    expect(subscriptions.savePlace("a", token, place(4))).toBe(false);
    subscriptions.put(subscription("a"));
    expect(subscriptions.savePlace("a", token, place(4))).toBe(false);
    expect(subscriptions.place("a")).toBeUndefined();
  });

  it("HOOK-6: a subscription that is put again keeps its place and its owner", () => {
    const { subscriptions } = store();
    subscriptions.put(subscription("a"));
    const token = subscriptions.takeOver("a");
    subscriptions.savePlace("a", token, place(3));
    subscriptions.put(subscription("a", { expiresAt: 5 }));
    expect(subscriptions.place("a")).toEqual(place(3));
    expect(subscriptions.savePlace("a", token, place(4))).toBe(true);
  });

  it("what is not there has no owner", () => {
    const { subscriptions } = store();
    expect(subscriptions.savePlace("a", subscriptions.takeOver("a"), place(1))).toBe(false);
  });
});

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
  one.webhooks.subscriptions.put(subscription("a"));
  expect([one.webhooks.subscriptions.get("a")?.id, other.webhooks.subscriptions.get("a")]).toEqual([
    "a",
    undefined,
  ]);
});
