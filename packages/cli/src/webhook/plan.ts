import type { EventDescriptor } from "@mcp-events/protocol";
import { isPrivateHost } from "./callback-url";

/** What a webhook subscription would rest on. */
export interface Plan {
  readonly name: string;
  /** The type as the server lists it. */
  readonly descriptor: EventDescriptor | undefined;
  /** Base of the callback. */
  readonly callback: string;
  /** Whether requests carry credentials; `undefined` where the transport has none. */
  readonly authenticated: boolean | undefined;
}

/** What would keep it from working, as far as can be told without trying: each what is wrong and what to do. */
export function planProblems({ name, descriptor, callback, authenticated }: Plan): string[] {
  const problems: string[] = [];
  if (descriptor === undefined) {
    problems.push(`the server lists no event type ${JSON.stringify(name)}; see \`mcp-events list\``);
  } else if (!descriptor.delivery.includes("webhook")) {
    const modes = descriptor.delivery.join(", ") || "no mode known here";
    problems.push(`${name} is offered by ${modes}, not by webhook; use \`mcp-events tail\``);
  }
  const url = new URL(callback);
  if (url.protocol !== "https:") {
    problems.push("the callback is plain http, which servers refuse unless they are set up for development");
  }
  if (isPrivateHost(url.hostname)) {
    problems.push(
      `the callback's host ${url.hostname} can be reached from this machine or network only; ` +
        "give the public address with --callback",
    );
  }
  if (authenticated === false) {
    problems.push("no credentials are sent, and webhooks need somebody who is authenticated");
  }
  return problems;
}
