import { sleep } from "@mcp-events/protocol";
import { JetStreamApiCodes, type StreamInfo } from "@nats-io/jetstream";
import type { Connection } from "../connection";
import { type Checkpoint, encodeCheckpoint, readCheckpoint, type StoredCheckpoint } from "./checkpoint";
import { ensureStream, isApiError, type LogNames } from "./stream";

/** How long a new leader may take until it knows all that was stored. */
const LEADER_CHANGE_MS = 3_000;
const PAUSE_MS = 100;
const MAX_ROUNDS = 20;

/** A log's stream and what its replicas agree on. */
export interface Agreement extends StoredCheckpoint {
  readonly info: StreamInfo;
}

/**
 * Opens a log's stream and finds its epoch. A stream that was created anew, or is shorter than what was given out, begins
 * a new epoch (ORDERING, "The log" rule 1); of several replicas that see that at once, one decides.
 *
 * @param given - The last message that this process has given out, in the epoch it knows.
 */
export async function agree(
  connection: Connection,
  names: LogNames,
  given?: { readonly epoch: number; readonly through: number },
): Promise<Agreement> {
  const kv = await connection.bucket("state");
  const nats = await connection.get();
  const { clock } = connection.options;
  for (let round = 0; ; round += 1) {
    const stored = await readCheckpoint(kv, names.key);
    let info = await ensureStream(nats, names, connection.options);
    if (stored !== undefined && stored.checkpoint.created === info.created) {
      const { epoch, through } = stored.checkpoint;
      const needed = given?.epoch === epoch ? Math.max(through, given.through) : through;
      info = await caughtUp(connection, names, info, needed);
      if (info.state.last_seq >= needed) return { ...stored, info };
    }
    const checkpoint = newEpoch(stored?.checkpoint, info, clock.now());
    const revision = await write(kv, names.key, checkpoint, stored?.revision);
    if (revision !== undefined) return { checkpoint, revision, info };
    if (round >= MAX_ROUNDS) throw new Error("the replicas do not agree on the log's epoch");
    await sleep(clock, PAUSE_MS);
  }
}

/** Replaces the checkpoint of revision `expected`; `undefined` when another replica did. */
export async function write(
  kv: Awaited<ReturnType<Connection["bucket"]>>,
  key: string,
  checkpoint: Checkpoint,
  expected: number | undefined,
  maxBytes = 512 * 1024,
): Promise<number | undefined> {
  const text = encodeCheckpoint(checkpoint, maxBytes);
  try {
    return expected === undefined ? await kv.create(key, text) : await kv.update(key, text, expected);
  } catch (error) {
    if (isApiError(error, JetStreamApiCodes.StreamWrongLastSequence)) return undefined;
    throw error;
  }
}

function newEpoch(before: Checkpoint | undefined, { created, state }: StreamInfo, now: number): Checkpoint {
  return {
    v: 1,
    epoch: Math.max(Math.floor(now), (before?.epoch ?? 0) + 1),
    salt: before?.salt ?? crypto.randomUUID().replaceAll("-", ""),
    created,
    base: state.last_seq,
    through: 0,
    names: [],
    others: 0,
    groups: [],
  };
}

/** The stream's state once it has message `through`, or after the time that a leader may need to know it. */
async function caughtUp(
  connection: Connection,
  names: LogNames,
  first: StreamInfo,
  through: number,
): Promise<StreamInfo> {
  const { clock } = connection.options;
  const until = clock.now() + LEADER_CHANGE_MS;
  let info = first;
  while (info.state.last_seq < through && info.created === first.created && clock.now() < until) {
    await sleep(clock, PAUSE_MS);
    info = await (await connection.get()).jsm.streams.info(names.stream);
  }
  return info;
}
