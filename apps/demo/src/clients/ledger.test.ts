import { appendFileSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { StoredPosition } from "@mcp-events/ordering";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { Observed } from "../result/record";
import { Ledger, readLedger } from "./ledger";

let directory: string;
let file: string;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "mcp-events-demo-test-"));
  file = join(directory, "ledger.jsonl");
});

afterEach(() => rmSync(directory, { recursive: true }));

const open = () => new Ledger(file, (key) => key.split("/")[1] ?? "");

function event(name: string, seq: number): Observed {
  return { eventId: `${name}-${seq}`, name, epoch: 1, seq, digest: "d", handledAt: 0 };
}

function position(through: number, epoch = 1, ahead: [number, number][] = []): StoredPosition {
  return { version: 1, cursor: `c${through}`, state: { log: "events", epoch, through, ahead } };
}

const ids = () => readLedger(file).events.map(({ eventId }) => eventId);

describe("Ledger", () => {
  it("writes an effect with the position that includes it, not before (ORD-9)", () => {
    const ledger = open();
    ledger.stage(event("push", 3));
    expect(ids()).toEqual([]);
    ledger.set("github/push", position(2));
    expect(ids()).toEqual([]);
    ledger.set("github/push", position(3));
    expect(ids()).toEqual(["push-3"]);
    expect(ledger.handled).toBe(1);
  });

  it("does not write an effect with another subscription's position", () => {
    const ledger = open();
    ledger.stage(event("push", 3));
    ledger.set("github/fork", position(9));
    expect(ids()).toEqual([]);
  });

  it("writes what is committed ahead, and what belongs to an older epoch", () => {
    const ledger = open();
    ledger.stage(event("push", 8));
    ledger.set("github/push", position(5, 1, [[7, 8]]));
    expect(ids()).toEqual(["push-8"]);
    ledger.stage(event("push", 9));
    ledger.set("github/push", position(0, 2));
    expect(ids()).toEqual(["push-8", "push-9"]);
  });

  it("starts again from what it wrote", () => {
    const ledger = open();
    ledger.stage(event("push", 3));
    ledger.set("github/push", position(3));
    ledger.set("github/fork", position(4));
    ledger.delete("github/fork");
    const again = open();
    expect(again.handled).toBe(1);
    expect(again.get("github/push")).toEqual(position(3));
    expect(again.get("github/fork")).toBeUndefined();
  });

  it("has neither effect nor position of a line that a kill left unfinished", () => {
    const ledger = open();
    ledger.set("github/push", position(2));
    appendFileSync(file, JSON.stringify({ key: "github/push", position: position(3) }).slice(0, -5));
    const again = open();
    expect(again.get("github/push")).toEqual(position(2));
    again.stage(event("push", 3));
    again.set("github/push", position(3));
    expect(ids()).toEqual(["push-3"]);
  });

  it("writes a gap down at once, apart from events", () => {
    const ledger = open();
    ledger.gap("lost");
    ledger.set("github/push", position(3));
    expect(readLedger(file)).toEqual({ events: [], gaps: [{ gap: "lost" }] });
    expect(open().handled).toBe(0);
  });
});
