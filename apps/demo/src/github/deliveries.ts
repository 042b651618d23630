import { isJsonObject, type JsonObject } from "@mcp-events/protocol";
import { integerBetween, pick, type Random, shuffle } from "../random";
import type { Example } from "./examples";
import { NUMBERED } from "./ordering-key";

/** One webhook delivery as GitHub would post it. */
export interface Delivery {
  /** `X-GitHub-Delivery`: a GUID, fresh for each delivery, the same when it is redelivered. */
  readonly id: string;
  /** `X-GitHub-Event`. */
  readonly kind: string;
  readonly type: string;
  /** The body, to the byte. */
  readonly body: string;
  /** Whether it is a replay, moved to another repository and number. */
  readonly replayed: boolean;
}

/** Numbers that issues, pull requests and discussions of a replay get: 1 to this. */
const NUMBERS_PER_REPOSITORY = 20;

/**
 * The deliveries of a run: first each recording once as it was recorded, in a seeded order, then replays of drawn
 * recordings, moved to one of `repos` repositories and another number.
 *
 * @param count - How many deliveries.
 * @param repos - How many repositories replays are spread over.
 */
export function* planDeliveries(
  examples: readonly Example[],
  count: number,
  repos: number,
  random: Random,
): Generator<Delivery> {
  const recorded = shuffle(random, examples).slice(0, count);
  for (const example of recorded) {
    yield { ...named(example, random), body: JSON.stringify(example.payload), replayed: false };
  }
  for (let replays = count - recorded.length; replays > 0; replays -= 1) {
    const example = pick(random, examples);
    const repository = `acme/repo-${integerBetween(random, 1, repos)}`;
    const payload = moved(example.payload, repository, integerBetween(random, 1, NUMBERS_PER_REPOSITORY));
    yield { ...named(example, random), body: JSON.stringify(payload), replayed: true };
  }
}

function named({ kind, type }: Example, random: Random): Pick<Delivery, "id" | "kind" | "type"> {
  return { id: guid(random), kind, type };
}

/** The payload as if it came from another repository and were about another issue, pull request or discussion. */
function moved(payload: JsonObject, repository: string, number: number): JsonObject {
  const copy = withRepository(payload, repository);
  for (const name of NUMBERED) {
    const numbered = copy[name];
    if (isJsonObject(numbered)) numbered.number = number;
  }
  if (typeof copy.number === "number") copy.number = number;
  return copy;
}

/** Names the repository anew wherever its full name stands, links included. */
function withRepository(payload: JsonObject, repository: string): JsonObject {
  const recorded = isJsonObject(payload.repository) ? payload.repository.full_name : undefined;
  const text = JSON.stringify(payload);
  const renamed = typeof recorded === "string" ? text.replaceAll(recorded, repository) : text;
  const copy: JsonObject = JSON.parse(renamed);
  if (isJsonObject(copy.repository)) copy.repository.name = repository.slice(repository.indexOf("/") + 1);
  return copy;
}

/** A version 4 UUID from a seeded source: the same run has the same ids. */
function guid(random: Random): string {
  const hex = Array.from({ length: 32 }, () => integerBetween(random, 0, 15).toString(16));
  hex[12] = "4";
  hex[16] = pick(random, ["8", "9", "a", "b"]);
  const part = (from: number, to: number) => hex.slice(from, to).join("");
  return `${part(0, 8)}-${part(8, 12)}-${part(12, 16)}-${part(16, 20)}-${part(20, 32)}`;
}
