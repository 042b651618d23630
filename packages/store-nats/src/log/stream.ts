import {
  DiscardPolicy,
  JetStreamApiCodes,
  JetStreamApiError,
  RetentionPolicy,
  StorageType,
  type StreamInfo,
} from "@nats-io/jetstream";
import type { Nats } from "../connection";
import { token } from "../names";
import type { ResolvedNatsOptions } from "../options";

/** What a log is called among the servers. */
export interface LogNames {
  readonly stream: string;
  /** A writer's subject begins with it. */
  readonly subject: string;
  /** Key of its checkpoint. */
  readonly key: string;
}

/** The names that belong to log `name`. */
export function namesOf(name: string, { prefix }: ResolvedNatsOptions): LogNames {
  const own = token(name);
  return { stream: `${prefix}-log-${own}`, subject: `${prefix}.log.${own}`, key: `log.${own}` };
}

/** The log's stream, created when it is not there. One that is there keeps its configuration. */
export async function ensureStream(
  { jsm }: Nats,
  names: LogNames,
  options: ResolvedNatsOptions,
): Promise<StreamInfo> {
  try {
    return await jsm.streams.info(names.stream);
  } catch (error) {
    if (!isApiError(error, JetStreamApiCodes.StreamNotFound)) throw error;
  }
  return jsm.streams.add({
    name: names.stream,
    subjects: [`${names.subject}.*`],
    retention: RetentionPolicy.Limits,
    discard: options.whenFull === "refuse" ? DiscardPolicy.New : DiscardPolicy.Old,
    storage: options.storage === "memory" ? StorageType.Memory : StorageType.File,
    num_replicas: options.replicas,
    // A message can hold no entry at all, and then a cursor of an upstream; these are not to push out entries.
    max_msgs: options.whenFull === "refuse" ? options.maxEntries : -1,
    max_bytes: options.maxBytes,
    max_age: options.maxAgeMs * 1_000_000,
    allow_direct: true,
  });
}

/** The first message that a stream still has, or will have. */
export function firstOf({ state }: StreamInfo): number {
  return state.messages === 0 ? state.last_seq + 1 : state.first_seq;
}

/** Whether an error is the servers' answer with this code. */
export function isApiError(error: unknown, code: number): error is JetStreamApiError {
  return error instanceof JetStreamApiError && error.code === code;
}
