import type { EventLog, LogStore } from "@mcp-events/ordering";
import { settleAfter } from "../../../ordering/src/testing/manual-clock";

let isSlow = false;

/** From now on the stores of tests in this file answer turns later. */
export function slowStores(): void {
  isSlow = true;
  settleAfter(16);
}

/** Whether they do: everything takes longer then. */
export function answersLater(): boolean {
  return isSlow;
}

/** A store as the tests of this file have it. */
export function underTest(store: LogStore): LogStore {
  return isSlow ? slowStore(store) : store;
}

/** A store each of whose calls is carried out a turn later, and answers another turn later, as one behind a socket does. */
function slowStore(store: LogStore): LogStore {
  const { webhooks } = store;
  return {
    durable: store.durable,
    open: (name) => later(() => store.open(name)).then(slowLog),
    webhooks: webhooks && {
      shared: webhooks.shared,
      subscriptions: slow(webhooks.subscriptions),
      deadLetters: slow(webhooks.deadLetters),
    },
    close: () => later(() => store.close()),
  };
}

const slowLogs = new WeakMap<EventLog, EventLog>();

function slowLog(log: EventLog): EventLog {
  const known = slowLogs.get(log) ?? slow(log);
  slowLogs.set(log, known);
  return known;
}

function slow<T extends object>(target: T): T {
  return new Proxy(target, {
    get(_, key) {
      const member = Reflect.get(target, key);
      if (typeof member !== "function") return member;
      if (key === "watch") return member.bind(target);
      return (...given: unknown[]) => later(() => member.apply(target, given));
    },
  });
}

async function later<T>(call: () => T): Promise<Awaited<T>> {
  await turn();
  const answer = await call();
  await turn();
  return answer;
}

function turn(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve);
  });
}
