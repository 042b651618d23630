import { describeTransport, type TransportUnderTest } from "@mcp-events/conformance/transport";
import { StreamableHTTPClientTransport as HttpV2 } from "@modelcontextprotocol/client";
import { StreamableHTTPClientTransport as HttpV1 } from "@modelcontextprotocol/sdk/client/streamableHttp.js";
import { describe, test } from "vitest";
import { bindClient } from "../../client/src/testing/binding";
import { clientV1, clientV2, entriesOf } from "../../conformance/src/testing/sdks";
import { http } from "./index";
import { StallingFetch } from "./testing/fetch";
import { listen } from "./testing/http-server";
import { openRawStream } from "./testing/raw-stream";
import { SERVERS, type Serve, sharedHost } from "./testing/servers";

type Fetch = StallingFetch["fetch"];

const CLIENTS = {
  "v1 client": { client: clientV1, transport: (url: URL, fetch: Fetch) => new HttpV1(url, { fetch }) },
  "v2 client": { client: clientV2, transport: (url: URL, fetch: Fetch) => new HttpV2(url, { fetch }) },
};

const HELD_BY_CLIENT = ["_responseHandlers", "_timeoutInfo", "_progressHandlers"];

async function start(
  serve: Serve,
  made: (typeof CLIENTS)[keyof typeof CLIENTS],
): Promise<TransportUnderTest> {
  const shared = sharedHost();
  const served = serve(shared, http());
  const listening = await listen(served.handler);
  const stalling = new StallingFetch();
  const client = made.client();
  const connection = bindClient(client, { transports: [http()] });
  await client.connect(made.transport(listening.url, stalling.fetch) as never);
  return {
    host: shared.host,
    connection,
    cut: () => listening.server.closeAllConnections(),
    stall: () => stalling.stall(),
    held: () => served.held() + entriesOf(client, HELD_BY_CLIENT),
    openWithIdZero: (params) => openRawStream(listening.url, served.raw, params),
    async close() {
      await client.close();
      await served.close();
      await listening.close();
    },
  };
}

describe.each(Object.entries(SERVERS))("%s", (_, serve) => {
  describe.each(Object.entries(CLIENTS))("%s", (name, made) => {
    describeTransport(name, () => start(serve, made), {
      test: (title, fn) => test(title, fn, 60_000),
      skip: test.skip,
      // 500 are dropped in drop.test.ts; here each pairing shows that it leaves nothing behind.
      streams: 50,
    });
  });
});
