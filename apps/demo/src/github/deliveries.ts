import { isJsonObject, type JsonObject } from "@mcp-events/protocol";
import { integerBetween, pick, type Random, shuffle } from "../random";
import type { Example } from "./examples";
import { NUMBERED } from "./ordering-key";

/** One webhook delivery that is to be posted; its body is made when it is. */
export interface Delivery {
  /** `X-GitHub-Delivery`: a GUID, fresh for each delivery, the same when it is redelivered. */
  readonly id: string;
  /** `X-GitHub-Event`. */
  readonly kind: string;
  readonly type: string;
  readonly recording: JsonObject;
  /** Where a replay is moved to; absent for a recording posted as it is. */
  readonly movedTo?: { readonly repository: string; readonly number: number } | undefined;
}

/** Numbers that issues, pull requests and discussions of a replay get: 1 to this. */
const NUMBERS_PER_REPOSITORY = 20;

/** What deliveries are planned. */
export interface DeliveryPlan {
  /** How many deliveries. */
  readonly count: number;
  /** How many repositories replays are spread over. */
  readonly repos: number;
  /** Event types that replays are drawn from more often than from the others. */
  readonly favoured: readonly string[];
  /** Share (0 to 1) of replays that are of {@link favoured} types. */
  readonly favouredShare: number;
}

/**
 * The deliveries of a run: first each recording once as it was recorded, in a seeded order, then replays of drawn
 * recordings, moved to one of `repos` repositories and another number.
 */
export function planDeliveries(
  examples: readonly Example[],
  { count, repos, favoured, favouredShare }: DeliveryPlan,
  random: Random,
): Delivery[] {
  const recorded = shuffle(random, examples).slice(0, count);
  const often = examples.filter(({ type }) => favoured.includes(type));
  const seldom = examples.filter(({ type }) => !favoured.includes(type));
  const replayed = Array.from({ length: count - recorded.length }, () =>
    pick(random, random() < favouredShare ? often : seldom),
  );
  return [
    ...recorded.map((example) => delivery(example, random)),
    ...replayed.map((example) => ({
      ...delivery(example, random),
      movedTo: {
        repository: `acme/repo-${integerBetween(random, 1, repos)}`,
        number: integerBetween(random, 1, NUMBERS_PER_REPOSITORY),
      },
    })),
  ];
}

function delivery({ kind, type, payload }: Example, random: Random): Delivery {
  return { id: guid(random), kind, type, recording: payload };
}

/** The body of a delivery, to the byte. */
export function bodyOf({ recording, movedTo }: Delivery): string {
  const payload = movedTo === undefined ? recording : moved(recording, movedTo.repository, movedTo.number);
  return JSON.stringify(payload);
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
  const hex = Array.from({ length: 4 }, () =>
    Math.floor(random() * 2 ** 32)
      .toString(16)
      .padStart(8, "0"),
  ).join("");
  const variant = pick(random, ["8", "9", "a", "b"]);
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-${variant}${hex.slice(17, 20)}-${hex.slice(20)}`;
}
