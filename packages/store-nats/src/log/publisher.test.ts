import { EventsError, systemClock } from "@mcp-events/protocol";
import { JetStreamApiError } from "@nats-io/jetstream";
import { errors } from "@nats-io/transport-node";
import { describe, expect, it } from "vitest";
import type { Connection } from "../connection";
import { Publisher } from "./publisher";

const wrongLast = (seq: number) =>
  new JetStreamApiError({ code: 400, err_code: 10071, description: `wrong last sequence: ${seq}` });

/** A server that knows no duplicates, and loses answers or messages as it is told: one word for each try. */
function server(fate: ("answered" | "stored" | "lost")[]) {
  const stored: { seq: number; id: string }[] = [];
  let tries = 0;
  const publish = async (
    _: string,
    __: string,
    options: { msgID: string; expect: { lastSubjectSequence: number } },
  ) => {
    const what = fate[tries] ?? "answered";
    tries += 1;
    if (what === "lost") throw new errors.TimeoutError();
    const last = stored.at(-1)?.seq ?? 0;
    if (options.expect.lastSubjectSequence !== last) throw wrongLast(last);
    stored.push({ seq: last + 1, id: options.msgID });
    if (what === "stored") throw new errors.TimeoutError();
    return { seq: last + 1, duplicate: false };
  };
  const getMessage = async () => {
    const last = stored.at(-1);
    return last === undefined ? null : { seq: last.seq, header: new Map([["Nats-Msg-Id", last.id]]) };
  };
  const connection = {
    options: { clock: systemClock, timeoutMs: 400 },
    get: async () => ({ js: { publish }, jsm: { streams: { getMessage } } }),
    whileConnected: <T>(answer: Promise<T>) => answer,
  } as unknown as Connection;
  const names = { stream: "s", subject: "log", key: "log" };
  return { stored, publisher: new Publisher(connection, names, "w") };
}

describe("a message that had no answer", () => {
  it("ORD-8: is looked up, and not stored twice, though the server forgot its id", async () => {
    const { stored, publisher } = server(["stored", "answered"]);
    expect(await publisher.publish("a", "")).toBe(1);
    expect(await publisher.publish("b", "")).toBe(2);
    expect(stored.map(({ id }) => id)).toEqual(["a", "b"]);
  });

  it("ORD-8: is sent again when it was lost", async () => {
    const { stored, publisher } = server(["lost", "lost"]);
    expect(await publisher.publish("a", "")).toBe(1);
    expect(stored).toHaveLength(1);
  });

  it("ORD-8: is refused as unknown in the end; the next message finds out where the writer stands", async () => {
    const { stored, publisher } = server(["stored", "lost", "lost", "lost", "lost", "lost"]);
    const failure = await publisher.publish("a", "").catch((error: unknown) => error);
    expect(EventsError.is(failure) && [failure.code, failure.retryable]).toEqual(["append_failed", true]);
    expect(await publisher.publish("b", "")).toBe(2);
    expect(stored.map(({ id }) => id)).toEqual(["a", "b"]);
  });
});
