import type { TransportUnderTest } from "@mcp-events/conformance/transport";
import { StreamableHTTPClientTransport as HttpV2 } from "@modelcontextprotocol/client";
import { StreamableHTTPClientTransport as HttpV1 } from "@modelcontextprotocol/sdk/client/streamableHttp.js";
import { bindClient } from "../../../client/src/testing/binding";
import { clientV1, clientV2, entriesOf } from "../../../conformance/src/testing/sdks";
import { http } from "../index";
import { StallingFetch } from "./fetch";
import { listen } from "./http-server";
import { openRawStream } from "./raw-stream";
import { SERVERS, sharedHost } from "./servers";

type Fetch = StallingFetch["fetch"];

/** The clients of both SDK lines with their transports. */
export const CLIENTS = {
  "v1 client": { client: clientV1, transport: (url: URL, fetch: Fetch) => new HttpV1(url, { fetch }) },
  "v2 client": { client: clientV2, transport: (url: URL, fetch: Fetch) => new HttpV2(url, { fetch }) },
};

const HELD_BY_CLIENT = ["_responseHandlers", "_timeoutInfo", "_progressHandlers"];

/** Starts a server of a kind and connects a client to it. */
export async function start(kind: string, clientKind: keyof typeof CLIENTS): Promise<TransportUnderTest> {
  const [serve, made] = [SERVERS[kind], CLIENTS[clientKind]];
  if (serve === undefined) throw new Error(`no server is called ${kind}`);
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
