import type { Readable, Writable } from "node:stream";

/** The server under test: its URL, the command that starts it on stdio, or pipes to one that runs already. */
export type ServerTarget =
  | { readonly url: string; readonly headers?: Readonly<Record<string, string>> | undefined }
  | {
      readonly command: string;
      readonly args?: readonly string[] | undefined;
      readonly env?: Readonly<Record<string, string>> | undefined;
    }
  | { readonly input: Readable; readonly output: Writable };

/** How the server is spoken to: revision 2026-07-28 without sessions, or an older revision that begins with `initialize`. */
export type Style = "modern" | "session";

/** A target, for people. */
export function describeTarget(target: ServerTarget): string {
  if ("url" in target) return target.url;
  return "command" in target ? [target.command, ...(target.args ?? [])].join(" ") : "pipes";
}
