import Database from "better-sqlite3";
import { expect, it } from "vitest";
import { sqliteStore } from "./sqlite-store";
import { entry, freshPath } from "./testing/folder";

it("[pitfall 19] letters that all leave leave no growing trace behind, and paging goes on", async () => {
  const path = freshPath();
  const store = sqliteStore(path, { plaintextSecrets: true });
  const { deadLetters } = store.webhooks;
  const add = (n: number) =>
    deadLetters.add({
      id: `letter-${n}`,
      subscriptionId: "sub_a",
      principal: "ann",
      url: "https://receiver.example/hook",
      arguments: {},
      log: "events",
      epoch: 1,
      entry: { ...entry(n), seq: n },
      at: 0,
      attempts: 4,
      lastError: "timeout",
    });
  for (let n = 1; n <= 20; n += 1) {
    await add(n);
    expect(await deadLetters.delete(`letter-${n}`)).toBe(true);
  }
  await add(21);
  const page = await deadLetters.page({ after: "letter-20", limit: 9 });
  expect(page.map(({ id }) => id)).toEqual(["letter-21"]);
  store.close();
  const db = new Database(path, { readonly: true });
  expect(db.prepare("SELECT count(*) FROM letters").pluck().get()).toBeLessThan(3);
  db.close();
});
