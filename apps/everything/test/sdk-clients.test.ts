import { Client, StreamableHTTPClientTransport } from "@modelcontextprotocol/client";
import { Client as ClientV1 } from "@modelcontextprotocol/sdk/client/index.js";
import { StreamableHTTPClientTransport as HttpTransportV1 } from "@modelcontextprotocol/sdk/client/streamableHttp.js";
import type { Transport } from "@modelcontextprotocol/sdk/shared/transport.js";
import { expect, it, onTestFinished } from "vitest";
import { startApp } from "./support/app";
import type { Raw } from "./support/json-rpc";

const INFO = { name: "sdk-client", version: "1" };
/** `run_task` is offered where the SDK has tasks. */
const TOOLS = { v1: 14, v2: 13 };
const EMIT = { name: "emit", arguments: { name: "pollonly.pinged", count: 2 } };

it.each(["v1", "v2"] as const)(
  "the v1 SDK's client is served by sdk %s, and its session ends with it",
  async (sdk) => {
    const app = await startApp({ sdk });
    const client = new ClientV1(INFO);
    const transport = new HttpTransportV1(new URL(app.url));
    await client.connect(transport as Transport);
    onTestFinished(() => client.close());
    expect(app.fixture.sessions()).toBe(1);
    expect((await client.listTools()).tools).toHaveLength(TOOLS[sdk]);
    expect((await client.callTool(EMIT)).structuredContent).toMatchObject({ count: 2 });
    await transport.terminateSession();
    expect(app.fixture.sessions()).toBe(0);
  },
);

it.each([
  ["v1", "legacy"],
  ["v2", "legacy"],
  ["v1", "auto"],
  ["v2", "auto"],
] as const)("the v2 SDK's client is served by sdk %s when it negotiates %s", async (sdk, mode) => {
  const { url } = await startApp({ sdk });
  const client = new Client(INFO, mode === "auto" ? { versionNegotiation: { mode } } : {});
  await client.connect(new StreamableHTTPClientTransport(new URL(url)));
  onTestFinished(() => client.close());
  expect((await client.listTools()).tools).toHaveLength(TOOLS[sdk]);
  const called: Raw = await client.callTool(EMIT);
  expect(called.structuredContent).toMatchObject({ count: 2 });
});
