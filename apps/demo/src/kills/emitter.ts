import { setTimeout as sleep } from "node:timers/promises";
import { createRandom, integerBetween } from "../random";
import { appendLine } from "../result/record";
import { hasReached } from "./progress-of";
import type { EmitLine, Place } from "./record-lines";
import { TIMING } from "./timing";

/** Calls the tool `emit`; the text of its answer. */
type CallEmit = (args: Record<string, unknown>) => Promise<string>;

/** How a run emits. */
export interface EmitterOptions {
  readonly seed: number;
  /** Where the calls are written down. */
  readonly emitsFile: string;
  /** Begins the ids of the events. */
  readonly prefix: string;
  /** The consumer's record: the emitter runs ahead of it only so far. */
  readonly notesFile: string;
  /** Ends the emitting; the call that is under way is still waited for. */
  readonly signal: AbortSignal;
}

/** Most events of one call. */
const MAX_COUNT = 4;

/** How many acknowledged events the consumer may be behind, and how long it is waited for then, in milliseconds. */
const MAX_BEHIND = 40;
const MAX_WAIT_MS = 250;

/**
 * Emits one batch after the other, each until it is acknowledged: a call that failed has an unknown outcome, and is
 * repeated with the same ids (ORD-8).
 */
export async function emitUntilAcknowledged(call: CallEmit, options: EmitterOptions): Promise<void> {
  const { emitsFile, prefix, signal } = options;
  const random = createRandom(options.seed, "emitter", prefix);
  const behind: Place[] = [];
  for (let batch = 1; !signal.aborted; batch += 1) {
    const count = integerBetween(random, 1, MAX_COUNT);
    const eventId = `${prefix}-${batch}`;
    const ids = Array.from({ length: count }, (_, index) =>
      count === 1 ? eventId : `${eventId}-${index + 1}`,
    );
    const data = { id: eventId, author: "ann", text: "It is on fire" };
    for (const id of ids) appendLine(emitsFile, { eventId: id } satisfies EmitLine);
    const places = await acknowledged(() => call({ name: "note.created", data, count, eventId }), signal);
    for (const [index, { epoch, seq }] of places.entries()) {
      const line: EmitLine = { eventId: ids[index] ?? "", acknowledged: { epoch, seq } };
      appendLine(emitsFile, line);
      behind.push({ epoch, seq });
    }
    behind.splice(0, behind.length - MAX_BEHIND - 1);
    if (behind.length > MAX_BEHIND) await consumerAt(behind[0] as Place, options);
    await sleep(integerBetween(random, ...TIMING.emitMs));
  }
}

async function acknowledged(call: () => Promise<string>, signal: AbortSignal): Promise<readonly Place[]> {
  while (!signal.aborted) {
    try {
      return (JSON.parse(await call()) as { positions: Place[] }).positions;
    } catch {
      await sleep(TIMING.reconnectMs);
    }
  }
  return [];
}

async function consumerAt(place: Place, { notesFile, signal }: EmitterOptions): Promise<void> {
  for (let waited = 0; waited < MAX_WAIT_MS && !signal.aborted; waited += TIMING.lookMs) {
    if (hasReached(notesFile, place)) return;
    await sleep(TIMING.lookMs);
  }
}

/** Calls a tool of a server over HTTP, request by request, without any SDK. */
export function callOverHttp(url: string): CallEmit {
  return async (args) => {
    const response = await fetch(url, {
      method: "POST",
      headers: {
        "content-type": "application/json",
        accept: "application/json, text/event-stream",
        "mcp-protocol-version": "2025-11-25",
      },
      body: JSON.stringify({
        jsonrpc: "2.0",
        id: 1,
        method: "tools/call",
        params: { name: "emit", arguments: args },
      }),
      signal: AbortSignal.timeout(TIMING.requestMs),
    });
    const text = await response.text();
    const { result } = JSON.parse(/^data: (\{.*)$/m.exec(text)?.[1] ?? text);
    return result.content[0].text;
  };
}
