import { setTimeout } from "node:timers/promises";
import { bindClient, type McpClientLike } from "@mcp-events/client";
import type { ClientTransport, EventConnection } from "@mcp-events/protocol";
import { http } from "@mcp-events/transport-http";
import { stdio } from "@mcp-events/transport-stdio";
import type { Context } from "../context";
import { connectFailure } from "../failures/connect-failure";
import { BEARER_VARIABLE, parseTarget, type Target, type TargetOptions } from "../options/target";
import { unlessAborted } from "../unless-aborted";
import { VERSION } from "../version";
import type { SdkLine } from "./sdk-client";
import { loadV1 } from "./sdk-v1";
import { makeV2 } from "./sdk-v2";

/** A server that is connected. */
export interface Server {
  readonly target: Target;
  readonly mcp: McpClientLike;
  readonly connection: EventConnection;
  /** Who it says it is. */
  readonly info: { readonly name: string; readonly version: string } | undefined;
  /** The revision of MCP that was agreed on; `undefined` where the SDK does not say. */
  readonly revision: string | undefined;
}

/** What the command line says of the connection. */
export interface ConnectOptions extends TargetOptions {
  readonly sdk: SdkLine;
  /** How long connecting may take, in milliseconds. */
  readonly connectTimeout: number;
}

/** How long the end of a server may come before the signal that ended it, in milliseconds. */
const SIGNAL_GRACE_MS = 100;

const TRANSPORTS: readonly ClientTransport[] = [stdio(), http()];

/**
 * Connects, does the work, and leaves, whatever became of it.
 *
 * @throws CliError (usage, notConnected), and what `work` throws.
 */
export async function withServer<T>(
  context: Context,
  options: ConnectOptions,
  work: (server: Server) => Promise<T>,
): Promise<T> {
  const target = parseTarget(options, context.serverCommand, context.env);
  const make = options.sdk === "v1" ? await loadV1() : makeV2;
  const client = make({ name: "mcp-events", version: VERSION }, target, serverEnvironment(context.env));
  // Bound before it connects, so that it declares that it understands events (CAP-3).
  const connection = bindClient(client.mcp, { transports: TRANSPORTS });
  let connected = false;
  try {
    const connecting = client.connect(options.connectTimeout).catch((error: unknown) => {
      throw connectFailure(error, target);
    });
    await unlessAborted(connecting, context.signal);
    connected = true;
    const { mcp } = client;
    return await work({ target, mcp, connection, info: client.serverInfo(), revision: client.revision() });
  } catch (error) {
    // SIGINT from a terminal reaches a server that was started, too: its end may be seen before the signal is.
    if (target.kind === "stdio")
      await setTimeout(SIGNAL_GRACE_MS, undefined, { signal: context.signal }).catch(() => {});
    throw error;
  } finally {
    const closing = client.close().catch(() => {});
    // An SDK that still connects closes when it has; nobody waits for that.
    if (connected) await closing;
  }
}

function serverEnvironment(env: Context["env"]): Record<string, string> {
  const entries = Object.entries(env).filter(
    (entry): entry is [string, string] => entry[1] !== undefined && entry[0] !== BEARER_VARIABLE,
  );
  return Object.fromEntries(entries);
}
