import { isJsonObject, WELL_KNOWN } from "@mcp-events/protocol";
import type { AttemptOutcome } from "./attempt";
import { coversPath } from "./path-prefix";

/** Largest receiver document that is read, in bytes. */
export const MAX_DOCUMENT_BYTES = 16 * 1024;

/** How long a document is kept that does not say, in milliseconds. */
const DEFAULT_AGE_MS = 5 * 60_000;
const MAX_AGE_MS = 24 * 60 * 60_000;
/** How long it is kept that there was none, in milliseconds. */
const ABSENT_MS = 60_000;
/** Origins whose documents are kept, at most. */
const MAX_ORIGINS = 10_000;

interface Document {
  readonly prefixes: readonly string[];
  readonly until: number;
}

/** Receiver documents by origin (HOOK-7), kept as long as their headers allow, at most a day. */
export class ReceiverDocuments {
  readonly #kept = new Map<string, Document>();

  /**
   * Whether the origin's document declares the path.
   *
   * @param fetchPath - Fetches a path of the origin; called only when nothing is kept.
   */
  async declares(
    origin: string,
    path: string,
    now: () => number,
    fetchPath: (path: string) => Promise<AttemptOutcome>,
  ): Promise<boolean> {
    let document = this.#kept.get(origin);
    if (document === undefined || document.until <= now()) {
      document = read(await fetchPath(WELL_KNOWN.receiver), now());
      if (document !== undefined) this.#keep(origin, document);
    }
    return document?.prefixes.some((prefix) => coversPath(prefix, path)) ?? false;
  }

  #keep(origin: string, document: Document): void {
    this.#kept.delete(origin);
    if (this.#kept.size >= MAX_ORIGINS) this.#kept.delete(this.#kept.keys().next().value!);
    this.#kept.set(origin, document);
  }
}

/** `undefined`: it was not asked to the end. */
function read(outcome: AttemptOutcome, now: number): Document | undefined {
  if (outcome.kind === "cancelled") return undefined;
  const absent = { prefixes: [], until: now + ABSENT_MS };
  if (outcome.kind === "failed" || outcome.status !== 200) return absent;
  const prefixes = prefixesOf(outcome.body);
  if (prefixes === undefined) return absent;
  return { prefixes, until: now + ageMs(String(outcome.headers["cache-control"] ?? "")) };
}

function prefixesOf(body: string | undefined): string[] | undefined {
  try {
    const document: unknown = JSON.parse(body ?? "");
    if (!isJsonObject(document) || !Array.isArray(document.receivers)) return undefined;
    return document.receivers.filter((prefix) => typeof prefix === "string" && prefix.startsWith("/"));
  } catch {
    return undefined;
  }
}

function ageMs(cacheControl: string): number {
  if (/\bno-(store|cache)\b/i.test(cacheControl)) return 0;
  const seconds = /\bmax-age\s*=\s*"?(\d+)/i.exec(cacheControl)?.[1];
  return seconds === undefined ? DEFAULT_AGE_MS : Math.min(Number(seconds) * 1_000, MAX_AGE_MS);
}
