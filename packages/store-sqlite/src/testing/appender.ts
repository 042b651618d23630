import { writeSync } from "node:fs";
import { sqliteStore } from "../sqlite-store";
import { entry, place, subscription } from "./samples";

/** A process that appends to a file without end and says what was answered, a line each; to be killed. */
const [path, first, key] = process.argv.slice(2) as [string, string, string];
const store = sqliteStore(path, { secretKey: key, maxEntries: 3_000 });
const log = store.open("events");
const { subscriptions } = store.webhooks;
const lease =
  (await subscriptions.create(subscription("sub_a"), place, "appender")) ??
  (await subscriptions.lease("sub_a", "appender", { takeOver: true }));

const say = (line: object) => writeSync(1, `${JSON.stringify(line)}\n`);
say({ started: true });
for (let n = Number(first); ; ) {
  const batches: Promise<unknown>[] = [];
  for (let batch = 0; batch < 6; batch += 1) {
    const size = 1 + (n % 7);
    const numbers = Array.from({ length: size }, (_, index) => n + index);
    n += size;
    const appending = log.append(
      numbers.map((one) => entry(one, { data: { n: one, of: numbers[0]!, size } })),
    );
    batches.push(Promise.resolve(appending).then(() => say({ numbers })));
  }
  const through = n;
  const saving = subscriptions.savePlace("sub_a", lease!.token, { ...place, through });
  batches.push(Promise.resolve(saving).then(() => say({ through })));
  await Promise.all(batches);
}
