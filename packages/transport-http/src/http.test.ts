import { describeTransport } from "@mcp-events/conformance/transport";
import { describe, test } from "vitest";
import { SERVERS } from "./testing/servers";
import { CLIENTS, start } from "./testing/start";

const CLIENT_KINDS = Object.keys(CLIENTS) as (keyof typeof CLIENTS)[];

describe.each(Object.keys(SERVERS))("%s", (kind) => {
  describe.each(CLIENT_KINDS)("%s", (client) => {
    describeTransport(client, () => start(kind, client), {
      test: (title, fn) => test(title, fn, 60_000),
      skip: test.skip,
      // 500 are dropped in drop.test.ts; here each pairing shows that it leaves nothing behind.
      streams: 50,
    });
  });
});
