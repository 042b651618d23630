import type { McpClientLike } from "@mcp-events/client";
import type { Target } from "../options/target";

/** The lines of the MCP SDK. */
export const SDK_LINES = ["v1", "v2"] as const;

/** One of {@link SDK_LINES}. */
export type SdkLine = (typeof SDK_LINES)[number];

/** An MCP client that is not connected yet, and how to connect it. */
export interface SdkClient {
  readonly mcp: McpClientLike;
  /** Who the server says it is; after connecting. */
  serverInfo(): { readonly name: string; readonly version: string } | undefined;
  /** The revision of MCP that was agreed on; `undefined` where the SDK does not say. */
  revision(): string | undefined;
  connect(timeoutMs: number): Promise<void>;
  close(): Promise<void>;
}

/** Who this client says it is. */
export interface ClientInfo {
  readonly name: string;
  readonly version: string;
}

/** Makes an MCP client of one line for a server. */
export type MakeSdkClient = (info: ClientInfo, target: Target, env: Environment) => SdkClient;

/** The environment of a server that is started: ours, without what is for us alone. */
export type Environment = Readonly<Record<string, string>>;
