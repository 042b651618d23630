import type { Appended, EventLog, LogStore, MemoryStore, NewEntry, WebhookStore } from "@mcp-events/ordering";
import { EventsError } from "@mcp-events/protocol";
import type { ProcessClock } from "../kernel/process-clock";
import type { World } from "../kernel/world";
import type { LogRecord } from "../oracle/log-record";

/** What one server process has of its store. */
export interface ProcessStoreParts {
  readonly world: World;
  readonly base: MemoryStore;
  readonly clock: ProcessClock;
  readonly durable: boolean;
  /** Answers come later, and what a process asked for may be done although it never hears of it. */
  readonly slow: boolean;
  readonly record: LogRecord;
}

/** The store of one process: what a process that was killed asks for is not done any more. */
export function processStore(parts: ProcessStoreParts): LogStore {
  const { world, base, durable, clock, slow } = parts;
  const never = () => new Promise<never>(() => {});
  const pause = () => clock.sleep(world.random.between(0, 2));
  /** Runs an operation of the store as this process sees it. */
  const run = <T>(operation: () => T): T | Promise<T> => {
    if (!clock.alive) return never();
    if (!slow) return operation();
    return pause().then(async () => {
      const result = operation();
      await pause();
      return result;
    });
  };
  const failing = (kind: "place not stored" | "dead letter not stored") => {
    if (world.strikes("storeFailed", kind)) throw new Error(kind);
  };
  const { subscriptions, deadLetters } = base.webhooks;
  const told = <T>(what: string, id: string, operation: () => T) =>
    run(() => {
      const { url } = subscriptions.get(id) ?? { url: id };
      const result = operation();
      const refused = result === undefined || result === false ? "not " : "";
      world.tell(() => `subscription of ${url} ${refused}${what}`);
      return result;
    });
  const webhooks: WebhookStore = {
    shared: base.webhooks.shared,
    subscriptions: {
      get: (id) => run(() => subscriptions.get(id)),
      create: (one, ...rest) => told("created", one.id, () => subscriptions.create(one, ...rest)),
      put: (one, token) => told("replaced", one.id, () => subscriptions.put(one, token)),
      delete: (id, guard) => told("forgotten", id, () => subscriptions.delete(id, guard)),
      page: (...given) => run(() => subscriptions.page(...given)),
      lease: (id, ...rest) => told("leased", id, () => subscriptions.lease(id, ...rest)),
      release: (id, token) => told("released", id, () => subscriptions.release(id, token)),
      renew: (...given) => run(() => subscriptions.renew(...given)),
      retire: (owner) => run(() => subscriptions.retire(owner)),
      watch: (listener) => subscriptions.watch((id) => void (clock.alive && listener(id))),
      place: (id) => run(() => subscriptions.place(id)),
      savePlace: (id, token, place) =>
        run(() => {
          failing("place not stored");
          const isSaved = subscriptions.savePlace(id, token, place);
          world.tell(
            () =>
              `place ${isSaved ? "stored" : "refused"} ${place.through} last ${place.last} given up [${place.givenUp}]`,
          );
          return isSaved;
        }),
    },
    deadLetters: {
      add: (letter) =>
        run(() => {
          failing("dead letter not stored");
          const { n } = letter.entry.data as { n: number };
          parts.record.givenUp.add(n);
          world.fault("event given up", () => String(n));
          return deadLetters.add(letter);
        }),
      get: (id) => run(() => deadLetters.get(id)),
      page: (request) => run(() => deadLetters.page(request)),
      delete: (id) => run(() => deadLetters.delete(id)),
    },
  };
  return {
    durable,
    webhooks,
    open: (name) =>
      run(() => {
        const log = processLog(parts, base.open(name), run);
        return world.control?.log?.(log, world) ?? log;
      }),
    close() {},
  };
}

function processLog(
  { world, clock, record }: ProcessStoreParts,
  log: EventLog,
  run: <T>(operation: () => T) => T | Promise<T>,
): EventLog {
  const append: EventLog["append"] = (entries: readonly NewEntry[], options) => {
    const operation = (): readonly Appended[] => {
      const failed = (message: string) => new EventsError("append_failed", message, { retryable: true });
      if (world.strikes("appendFailed", "append failed")) throw failed("the store failed");
      const appended = log.append(entries, options) as readonly Appended[];
      record.appended(entries, appended);
      for (const [index, { seq }] of appended.entries()) {
        world.tell(() => `appended ${seq}: ${entries[index]!.name} ${JSON.stringify(entries[index]!.data)}`);
      }
      if (world.strikes("appendFailed", "append outcome unknown")) throw failed("no answer");
      return appended;
    };
    return run(operation);
  };
  return {
    name: log.name,
    salt: log.salt,
    head: () => run(() => log.head()) as ReturnType<EventLog["head"]>,
    size: () => run(() => log.size()) as ReturnType<EventLog["size"]>,
    append,
    read: (request) => run(() => log.read(request)) as ReturnType<EventLog["read"]>,
    seqBefore: (time) => run(() => log.seqBefore(time)) as ReturnType<EventLog["seqBefore"]>,
    upstream: (group) => run(() => log.upstream(group)) as ReturnType<EventLog["upstream"]>,
    locate: (...given) => run(() => log.locate(...given)) as ReturnType<EventLog["locate"]>,
    watch: (listener) => log.watch((names) => void (clock.alive && listener(names))),
    truncate: () => log.truncate(),
  };
}
