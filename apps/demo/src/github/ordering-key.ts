import { isJsonObject, type JsonObject } from "@mcp-events/protocol";

/**
 * The line a delivery belongs to: `owner/repo#7` for an issue, pull request or discussion, else its repository, else
 * its organization, else the app installation; `undefined` for the few kinds that have none.
 */
export function orderingKeyOf(payload: JsonObject): string | undefined {
  const repository = text(member(payload, "repository"), "full_name");
  if (repository !== undefined) {
    const number = numberOf(payload);
    return number === undefined ? repository : `${repository}#${number}`;
  }
  const organization = text(member(payload, "organization"), "login");
  if (organization !== undefined) return `org:${organization}`;
  const installation = member(payload, "installation")?.id;
  return typeof installation === "number" ? `installation:${installation}` : undefined;
}

/** Members that carry the number which GitHub counts per repository. */
export const NUMBERED = ["issue", "pull_request", "discussion"] as const;

function numberOf(payload: JsonObject): number | undefined {
  const candidates = [...NUMBERED.map((name) => member(payload, name)?.number), payload.number];
  return candidates.find((candidate): candidate is number => typeof candidate === "number");
}

function member(payload: JsonObject, name: string): JsonObject | undefined {
  const value = payload[name];
  return isJsonObject(value) ? value : undefined;
}

function text(holder: JsonObject | undefined, name: string): string | undefined {
  const value = holder?.[name];
  return typeof value === "string" ? value : undefined;
}
