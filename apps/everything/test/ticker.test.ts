import { expect, it } from "vitest";
import { connect, eventually, LINES, startApp } from "./support/app";
import { type Raw, result } from "./support/json-rpc";

const SUBSCRIPTION = { name: "ticker.tick", arguments: { intervalMs: 50 } };

it.each(LINES)(
  "ORD-7 [pitfall 3]: a cursor of ticker.tick from before a restart goes on without gap or repeat (sdk $sdk)",
  async ({ sdk, dialect }) => {
    const first = await startApp({ sdk });
    const before = await connect(first.url, { dialect });
    const start = await result(before, "events/poll", SUBSCRIPTION);
    const read = () => result(before, "events/poll", { ...SUBSCRIPTION, cursor: start.cursor });
    const page = await eventually(read, ({ events }) => events.length >= 2);
    const seen: number[] = page.events.map(({ data }: Raw) => data.n);
    await first.close();

    const second = await startApp({ sdk });
    const after = await connect(second.url, { dialect });
    const resumed = await result(after, "events/poll", { ...SUBSCRIPTION, cursor: page.cursor });
    expect(resumed.truncated).toBe(false);
    seen.push(...resumed.events.map(({ data }: Raw) => data.n));

    const stream = await after.stream({ ...SUBSCRIPTION, cursor: resumed.cursor });
    expect((await stream.next()).params.truncated).toBe(false);
    seen.push(...(await stream.events(3)).map(({ data }) => data.n));
    expect(seen).toEqual(seen.map((_, index) => seen[0]! + index));
    expect(seen.length).toBeGreaterThanOrEqual(5);
  },
);

it.each(LINES)(
  "ORD-7: a stream resumes from the old cursor as a poll does (sdk $sdk)",
  async ({ sdk, dialect }) => {
    const first = await startApp({ sdk });
    const before = await (await connect(first.url, { dialect })).stream(SUBSCRIPTION);
    const seen = await before.events(2);
    await first.close();
    const second = await startApp({ sdk });
    const after = await (await connect(second.url, { dialect })).stream({
      ...SUBSCRIPTION,
      cursor: seen[1].cursor,
    });
    expect((await after.next()).params.truncated).toBe(false);
    const ticks = [...seen, ...(await after.events(3))].map(({ data }) => data.n);
    expect(ticks).toEqual(ticks.map((_, index) => ticks[0] + index));
  },
);
