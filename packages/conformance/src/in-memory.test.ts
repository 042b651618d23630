import { describe, test } from "vitest";
import { startInMemory } from "./testing/in-memory";
import { clientV1, clientV2, serverV1, serverV2 } from "./testing/sdks";
import { describeTransport } from "./transport";

const SERVERS = { v1: serverV1, v2: serverV2 };
const CLIENTS = { v1: clientV1, "v2 auto": clientV2 };

describe.each(Object.entries(SERVERS))("in memory, %s server", (_, serverOf) => {
  describe.each(Object.entries(CLIENTS))("%s client", (name, clientOf) => {
    describeTransport(name, () => startInMemory(serverOf, clientOf), { test, skip: test.skip });
  });
});
