import { fromBase64Url, toBase64Url } from "./json";

/** What a cursor of ours says: a position in a log, and for check-backed types where the upstream stood (CUR-1). */
export interface CursorPosition {
  /** Name of the log. */
  log: string;
  /** The log's epoch. */
  epoch: number;
  /** Everything of the view at or before this number is done with. */
  seq: number;
  /** Present for check-backed event types. */
  upstream?: UpstreamPosition | undefined;
}

/** Where a check-backed type's upstream stood at a position of the log. */
export interface UpstreamPosition {
  /** Whose upstream: a short tag of (name, arguments, principal); a cursor of another audience is unreadable. */
  group: string;
  /** The upstream's own cursor from which the next check goes on; `null` before the first answer. */
  cursor: string | null;
  /** Inside a batch: id of the last event of the batch that lies at or before the position. */
  lastEventId?: string | undefined;
}

/** Signs cursors, so that a forged one is unreadable. */
export interface CursorSeal {
  /** A short URL-safe tag over `text`. */
  tag(text: string): string;
  /** Whether `tag` is the tag of `text`; in constant time. */
  check(text: string, tag: string): boolean;
}

const VERSION = "1";
const MAX_LENGTH = 64 * 1024;

/** Encodes a position as an opaque, versioned string; with a seal the string also carries its tag. */
export function encodeCursor(position: CursorPosition, seal?: CursorSeal): string {
  const { log, epoch, seq, upstream } = position;
  const rest: unknown[] = [seq];
  if (upstream !== undefined) rest.push(upstream.group, upstream.cursor);
  if (upstream?.lastEventId !== undefined) rest.push(upstream.lastEventId);
  const text = VERSION + beginning(log, epoch) + toBase64Url(asciiJson(rest).slice(1));
  return seal === undefined ? text : `${text}.${seal.tag(text)}`;
}

let latest = { log: "", epoch: Number.NaN, text: "" };

/**
 * The part that all cursors of a log have in common, made once for one cursor after another. It ends in as many spaces,
 * which JSON allows, as let its base64 stand by itself.
 */
function beginning(log: string, epoch: number): string {
  if (latest.log !== log || latest.epoch !== epoch) {
    const json = `${asciiJson([log, epoch]).slice(0, -1)},`;
    latest = { log, epoch, text: toBase64Url(json.padEnd(Math.ceil(json.length / 3) * 3)) };
  }
  return latest.text;
}

/**
 * Reads a cursor; `undefined` when it is not one of ours, is forged, or is of another version.
 * The caller treats that as a position out of range (`truncated`), never as an error (CUR-6).
 */
export function decodeCursor(cursor: string, seal?: CursorSeal): CursorPosition | undefined {
  if (cursor.length > MAX_LENGTH || !cursor.startsWith(VERSION)) return undefined;
  const dot = cursor.indexOf(".");
  const text = dot < 0 ? cursor : cursor.slice(0, dot);
  if (seal !== undefined && !seal.check(text, dot < 0 ? "" : cursor.slice(dot + 1))) return undefined;
  const fields = parseFields(text.slice(VERSION.length));
  return fields === undefined ? undefined : toPosition(fields);
}

function parseFields(body: string): unknown[] | undefined {
  try {
    const fields: unknown = JSON.parse(fromBase64Url(body));
    return Array.isArray(fields) ? fields : undefined;
  } catch {
    return undefined;
  }
}

function toPosition(fields: unknown[]): CursorPosition | undefined {
  const [log, epoch, seq, group, cursor, lastEventId] = fields;
  if (typeof log !== "string" || !isCount(epoch) || !isCount(seq)) return undefined;
  if (fields.length === 3) return { log, epoch, seq };
  if (typeof group !== "string" || (typeof cursor !== "string" && cursor !== null)) return undefined;
  if (fields.length === 5) return { log, epoch, seq, upstream: { group, cursor } };
  if (fields.length !== 6 || typeof lastEventId !== "string") return undefined;
  return { log, epoch, seq, upstream: { group, cursor, lastEventId } };
}

function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}

/** JSON with everything above U+007E escaped, so that it can be base64-encoded without a detour over bytes. */
function asciiJson(value: unknown): string {
  return JSON.stringify(value).replace(
    /[\u007f-\uffff]/g,
    (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}
