import { METHODS } from "@mcp-events/protocol";
import { Client as ClientV2, StreamableHTTPClientTransport as HttpV2 } from "@modelcontextprotocol/client";
import { StdioClientTransport as StdioV2 } from "@modelcontextprotocol/client/stdio";
import { Client as ClientV1 } from "@modelcontextprotocol/sdk/client/index.js";
import { StdioClientTransport as StdioV1 } from "@modelcontextprotocol/sdk/client/stdio.js";
import { StreamableHTTPClientTransport as HttpV1 } from "@modelcontextprotocol/sdk/client/streamableHttp.js";
import * as z from "zod";
import { measured, type Order } from "../event";
import { serverCommand } from "./server-process";

/** `@modelcontextprotocol/sdk`, or `@modelcontextprotocol/client` with its server on revision 2026-07-28. */
export type SdkLine = "v1" | "v2";

/** Where a server is: at a URL, or a child process with these arguments. */
export type Target = URL | readonly string[];

/** A client of either line, not yet connected. */
export interface SdkClient {
  readonly client: ClientV1 | ClientV2;
  connect(): Promise<void>;
  emit(order: Order): Promise<unknown>;
  /** Sends `events/stream` by the SDK's own `request`; settles when the stream is over. */
  stream(): Promise<unknown>;
}

const STREAM = { method: METHODS.stream, params: { name: measured.name } };
const FOREVER = { timeout: 2 ** 31 - 1 };
const result = z.looseObject({});

const INFO = { name: "bench", version: "1.0.0" };

export function sdkClient(line: SdkLine, target: Target): SdkClient {
  if (line === "v1") {
    const client = new ClientV1(INFO);
    const transport = () => (target instanceof URL ? new HttpV1(target) : new StdioV1(stdioOf(target)));
    return {
      client,
      connect: () => client.connect(transport() as never),
      emit: (order) => client.callTool({ name: "emit", arguments: { ...order } }),
      stream: () => client.request(STREAM, result, FOREVER),
    };
  }
  const client = new ClientV2(INFO, { versionNegotiation: { mode: "auto" } });
  const transport = () => (target instanceof URL ? new HttpV2(target) : new StdioV2(stdioOf(target)));
  return {
    client,
    connect: () => client.connect(transport()),
    emit: (order) => client.callTool({ name: "emit", arguments: { ...order } }),
    stream: () => client.request(STREAM, result, FOREVER),
  };
}

function stdioOf(args: readonly string[]) {
  return { ...serverCommand(args), stderr: "inherit" as const };
}
