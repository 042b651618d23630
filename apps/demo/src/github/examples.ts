import { createRequire } from "node:module";
import type { JsonObject } from "@mcp-events/protocol";

/** One recorded webhook delivery of GitHub's. */
export interface Example {
  /** What GitHub sends as `X-GitHub-Event`. */
  readonly kind: string;
  /** Name of the event type it becomes: `kind`, or `kind.action`. */
  readonly type: string;
  readonly payload: JsonObject;
}

/** One kind as the package describes it. */
interface RecordedKind {
  readonly name: string;
  readonly description: string;
  readonly examples: readonly JsonObject[];
}

/** Every recorded delivery, by kind, as the package `@octokit/webhooks-examples` holds them. */
export function loadExamples(): Example[] {
  return recordedKinds().flatMap(({ name, examples }) =>
    examples.map((payload) => ({ kind: name, type: eventTypeOf(name, payload), payload })),
  );
}

/** GitHub's description of each kind, by its name. */
export function kindDescriptions(): Map<string, string> {
  return new Map(recordedKinds().map(({ name, description }) => [name, description]));
}

/** Name of the event type that a delivery becomes: `push`, or `pull_request.opened`. */
export function eventTypeOf(kind: string, payload: JsonObject): string {
  return typeof payload.action === "string" ? `${kind}.${payload.action}` : kind;
}

function recordedKinds(): readonly RecordedKind[] {
  return createRequire(import.meta.url)("@octokit/webhooks-examples");
}
