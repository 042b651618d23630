import { inMemoryPair } from "@mcp-events/protocol";
import { describe, test } from "vitest";
import { bindClient } from "../../client/src/testing/binding";
import { openRawStream } from "./testing/raw-client";
import { clientV1, clientV2, entriesOf, serverV1, serverV2 } from "./testing/sdks";
import { describeTransport, sharedHost, type TransportUnderTest } from "./transport";

const HELD_BY_SERVER = ["_requestHandlerAbortControllers"];
const HELD_BY_CLIENT = ["_responseHandlers", "_timeoutInfo", "_progressHandlers"];

async function start(
  serverOf: typeof serverV1 | typeof serverV2,
  clientOf: typeof clientV1 | typeof clientV2,
): Promise<TransportUnderTest> {
  const shared = sharedHost();
  const serve = async () => {
    const { server, host } = serverOf();
    shared.attach(host);
    const pair = inMemoryPair();
    await server.connect(pair.server);
    return { server, pair };
  };
  const { server, pair } = await serve();
  const client = clientOf();
  const connection = bindClient(client);
  await client.connect(pair.client);
  const closers = [() => client.close(), () => server.close()];
  return {
    host: shared.host,
    connection,
    cut: () => pair.cut(),
    stall: () => pair.client.stall(),
    held: () => entriesOf(server.server, HELD_BY_SERVER) + entriesOf(client, HELD_BY_CLIENT),
    async openWithIdZero(params) {
      const raw = await serve();
      await raw.pair.client.start();
      closers.push(() => raw.server.close());
      return openRawStream(raw.pair.client, params);
    },
    async close() {
      for (const close of closers) await close();
    },
  };
}

const SERVERS = { v1: serverV1, v2: serverV2 };
const CLIENTS = { v1: clientV1, "v2 auto": clientV2 };

describe.each(Object.entries(SERVERS))("in memory, %s server", (_, serverOf) => {
  describe.each(Object.entries(CLIENTS))("%s client", (name, clientOf) => {
    describeTransport(name, () => start(serverOf, clientOf), { test, skip: test.skip });
  });
});
