import { describe, expect, it } from "vitest";
import { connect, eventually, PAIRINGS, startApp } from "./support/app";

const STREAMS = 500;
const OVER_HTTP = PAIRINGS.filter(({ carrier }) => carrier === "http");

describe.each(OVER_HTTP)("sdk $sdk, $dialect", ({ sdk, dialect }) => {
  it("PUSH-7 [pitfall 17]: 500 streams opened and dropped leave nothing behind", {
    timeout: 60_000,
  }, async () => {
    const { url, fixture } = await startApp({ sdk, heartbeatMs: 5_000 });
    const peer = await connect(url, { dialect });
    const first = await peer.stream({ name: "note.created" });
    await first.next("active");
    await first.cancel();
    await eventually(
      async () => fixture.events.stats(),
      ({ subscriptions }) => subscriptions.push === 0,
    );
    const idle = fixture.events.stats();
    const streams = await Promise.all(
      Array.from({ length: STREAMS }, (_, index) =>
        peer.stream({ name: "note.created", arguments: { author: `author ${index % 7}` } }),
      ),
    );
    for (const stream of streams) await stream.next("active");
    expect(fixture.events.stats().subscriptions.push).toBe(STREAMS);
    for (const stream of streams) await stream.cancel();
    const after = await eventually(
      async () => fixture.events.stats(),
      ({ subscriptions, attached }) => subscriptions.push === 0 && attached <= idle.attached,
    );
    expect(after).toEqual(idle);
  });
});
