import {
  type DeliveryOutcome,
  type JsonObject,
  ORDERING_EXTENSION,
  type OrderingMark,
} from "@mcp-events/protocol";
import { expect } from "vitest";
import { settle } from "../../../../ordering/src/testing/manual-clock";
import { orderedHandler } from "../ordered-handler";
import type { OrderedItem } from "../ordered-item";
import type { OrderedHandlerOptions } from "../ordered-options";
import { manualClock, event as plainEvent } from "./deliveries";

export const LOG = { log: "notes", epoch: 1 };

export function meta(mark: Partial<OrderingMark> & { seq: number; prev: number }): JsonObject {
  return { [ORDERING_EXTENSION]: { ...LOG, settled: 0, ...mark } };
}

export function event(seq: number, prev: number, mark: Partial<OrderingMark> = {}): JsonObject {
  const id = `e${seq}`;
  const cursor = `c${mark.settled ?? 0}`;
  return { ...plainEvent(id), cursor, _meta: meta({ seq, prev, ...mark }) };
}

export function truncated(through: number, epoch = 1): JsonObject {
  return { type: "gap", cursor: `c${through}`, _meta: { [ORDERING_EXTENSION]: { ...LOG, epoch, through } } };
}

/** An ordered handler whose work is done when `finish` is called, or at once when `auto` is true. */
export function setup(options: Partial<OrderedHandlerOptions> = {}, auto = true) {
  const clock = manualClock();
  const log: string[] = [];
  const waiting: { name: string; done(error?: Error): void }[] = [];
  const handle = (item: OrderedItem): Promise<void> => {
    const name = nameOf(item);
    return new Promise((resolve, reject) => {
      const done = (error?: Error) => {
        if (error !== undefined) return reject(error);
        log.push(name);
        resolve();
      };
      if (auto) done();
      else waiting.push({ name, done });
    });
  };
  const handler = orderedHandler({ handle, clock, key: "k", ...options });
  const outcomes: Record<string, DeliveryOutcome> = {};
  const take = async (body: JsonObject, name = String(body.eventId ?? body.type)) => {
    void handler.take(body).then((outcome) => {
      outcomes[name] = outcome;
    });
    await settle();
  };
  const finish = async (name: string, error?: Error) => {
    const at = waiting.findIndex((one) => one.name === name);
    expect(waiting.map((one) => one.name)).toContain(name);
    waiting.splice(at, 1)[0]?.done(error);
    await settle();
  };
  return { clock, log, handler, outcomes, take, finish, working: () => waiting.map(({ name }) => name) };
}

function nameOf(item: OrderedItem): string {
  if (item.kind === "event") return item.event.eventId;
  if (item.kind === "terminated") return `terminated ${item.error.code}`;
  return `${item.reason} ${item.from?.seq ?? ""}-${item.to?.seq ?? ""}`;
}
