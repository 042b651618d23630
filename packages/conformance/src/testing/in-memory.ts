import { type InMemoryPairOptions, inMemoryPair, type ServerTransport } from "@mcp-events/protocol";
import { bindClient } from "../../../client/src/testing/binding";
import { sharedHost, type TransportUnderTest } from "../transport";
import { openRawStream } from "./raw-client";
import { type clientV1, type clientV2, entriesOf, type serverV1, type serverV2 } from "./sdks";

const HELD_BY_SERVER = ["_requestHandlerAbortControllers"];
const HELD_BY_CLIENT = ["_responseHandlers", "_timeoutInfo", "_progressHandlers"];

/** Connects a server and a client in memory. */
export async function startInMemory(
  serverOf: typeof serverV1 | typeof serverV2,
  clientOf: typeof clientV1 | typeof clientV2,
  adapters: readonly ServerTransport[] = [],
  pairOptions: InMemoryPairOptions = {},
): Promise<TransportUnderTest> {
  const shared = sharedHost();
  const serve = async () => {
    const { server, host } = serverOf(adapters);
    shared.attach(host);
    const pair = inMemoryPair(pairOptions);
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
