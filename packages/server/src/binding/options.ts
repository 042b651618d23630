import { type Logger, type Profile, type ServerTransport, silentLogger } from "@mcp-events/protocol";
import { defaultPrincipalOf } from "./principal";

/** How an MCP server is bound. */
export interface BindServerOptions {
  /** Adapters asked in order for each MCP transport the server connects to; one that none recognises is written to through the SDK. */
  readonly transports?: readonly ServerTransport[] | undefined;
  /** The subject of the SDK's authentication information; default {@link defaultPrincipalOf}. */
  readonly principalOf?: ((authInfo: unknown) => string | null) | undefined;
  /** Which numbers the error names have on the wire; default `sep-3415`. */
  readonly profile?: Profile | undefined;
  /** Default: silent. */
  readonly logger?: Logger | undefined;
}

/** {@link BindServerOptions} with every default filled in. */
export interface BindSettings {
  readonly transports: readonly ServerTransport[];
  readonly principalOf: (authInfo: unknown) => string | null;
  readonly profile: Profile;
  readonly logger: Logger;
}

export function bindSettings(options: BindServerOptions): BindSettings {
  return {
    transports: options.transports ?? [],
    principalOf: options.principalOf ?? defaultPrincipalOf,
    profile: options.profile ?? "sep-3415",
    logger: options.logger ?? silentLogger,
  };
}
