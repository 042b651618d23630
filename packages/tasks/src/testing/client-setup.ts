import { EventsError, type JsonObject, METHODS, type Message, WireError } from "@mcp-events/protocol";
import { setUp } from "../../../client/src/testing/setup";
import { event } from "../../../client/src/testing/wire";
import { settle } from "../../../ordering/src/testing/manual-clock";
import { followTask } from "../client";
import type { FollowTaskOptions } from "../follow/options";
import type { TaskFollower } from "../follow/task-follower";
import type { TaskState } from "../task-state";
import { short } from "./server-setup";

export const WORKING: TaskState = {
  taskId: "t",
  status: "working",
  createdAt: "2026-01-01T00:00:00.000Z",
  lastUpdatedAt: "2026-01-01T00:00:00.000Z",
  ttl: null,
  pollInterval: 1_000,
};

const SOURCE = { name: "task.status", input: { taskId: "t" }, initialCursor: "c1:0" };

/** A state `ms` milliseconds later. */
export function later(ms: number, rest: Partial<TaskState>): TaskState {
  return { ...WORKING, lastUpdatedAt: new Date(Date.parse(WORKING.createdAt) + ms).toISOString(), ...rest };
}

/** An event of the source. */
export function stateEvent(seq: number, data: object): Message {
  const { method, params } = event(seq);
  return { method, params: { ...params, name: "task.status", data: data as JsonObject } };
}

/** A server of which the test plays both sides: the event source, and `tasks/get`. */
export function followSetup(options: Partial<FollowTaskOptions> = {}) {
  const made = setUp({});
  const { connection, clock } = made;
  const { handlers } = connection;
  const descriptor = { name: "task.status", description: "", delivery: ["push"] };
  const schemas = { inputSchema: { type: "object" }, payloadSchema: { type: "object" } };
  handlers.set(METHODS.list, () => ({ events: [{ ...descriptor, ...schemas }] }));
  const server = { task: WORKING as unknown, asked: 0, result: { content: ["done"] } as unknown };
  const answer = (value: unknown) => {
    if (value instanceof Error) throw value;
    return value;
  };
  const reader = {
    async getTask() {
      server.asked += 1;
      return answer(server.task);
    },
    getResult: async () => answer(server.result),
  };
  const follow = (created: object = { task: WORKING, eventSource: SOURCE }) => {
    const events = made.client;
    const follower = followTask({ events, mcp: reader, created, clock, ...options });
    return { follower, reading: new States(follower) };
  };
  return { ...made, server, follow };
}

export const UNKNOWN_TASK = new WireError("InvalidParams", "Task not found");
export const UNKNOWN_METHOD = WireError.fromWire({ code: -32601, message: "Method not found" });
export const BROKEN = new EventsError("transport_failed", "cut", { retryable: true });

/** Iterates in the background. */
class States {
  readonly seen: string[] = [];
  done = false;
  error: unknown;

  constructor(follower: TaskFollower) {
    void this.#read(follower);
  }

  async #read(follower: TaskFollower): Promise<void> {
    try {
      for await (const state of follower) this.seen.push(short(state));
    } catch (error) {
      this.error = error;
    }
    this.done = true;
  }

  /** What came so far. */
  async now(): Promise<string[]> {
    for (let turn = 0; turn < 6; turn += 1) await settle();
    return this.seen;
  }
}
