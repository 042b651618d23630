import type { EventDescriptor, JsonObject, Profile } from "@mcp-events/protocol";

/** What an attempt at a mode of a type showed. */
export type Trial =
  | {
      readonly mode: "poll";
      readonly ok: true;
      readonly replays: boolean;
      readonly nextPollMs: number | undefined;
    }
  | { readonly mode: "push"; readonly ok: true; readonly ms: number }
  | { readonly mode: "poll" | "push"; readonly ok: false; readonly reason: string };

/** How a server takes a request for webhooks from whoever asks. */
export type WebhookAccess = "allowed" | "forbidden" | "absent" | "unknown";

/** What is known of a server; verdicts rest on nothing else. */
export interface ServerFacts {
  readonly transport: "http" | "stdio";
  /** Where it is; only over HTTP. */
  readonly url: URL | undefined;
  /** Whether requests carry credentials; `undefined` over stdio. */
  readonly authenticated: boolean | undefined;
  readonly server: { readonly name: string; readonly version: string } | undefined;
  /** The revision of MCP that was agreed on; `undefined` where the SDK does not say. */
  readonly revision: string | undefined;
  /** As the server sent them. */
  readonly capabilities: JsonObject;
  /** The event types; a text says why they could not be listed. */
  readonly types: readonly EventDescriptor[] | string;
  /** Whose numbers its errors have; `unknown` when an unknown type was not answered with either. */
  readonly profile: Profile | "unknown";
  readonly webhooks: WebhookAccess;
  readonly trials: readonly Trial[];
}
