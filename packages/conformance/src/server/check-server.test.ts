import { EVENTS_EXTENSION, ORDERING_EXTENSION } from "@mcp-events/protocol";
import { expect, it } from "vitest";
import type { Wire } from "../kit/expect";
import { type Answers, listed, onPipes, quietServer } from "../testing/foreign-server";
import { checkServer } from "./check-server";
import type { CheckServerOptions } from "./options";

async function verdict(answers: Answers, id: string, options: CheckServerOptions = {}) {
  const { target } = onPipes(quietServer(answers));
  const { results } = await checkServer(target, { patienceMs: 300, retryMs: 300, only: [id], ...options });
  return results[0];
}

/** Lists one type, or several. */
const listing = (...events: Wire[]): Answers => ({ "events/list": () => ({ result: { events } }) });

const unguessable = { type: "object", required: ["a"], properties: { a: { type: "string", pattern: "^x" } } };

const ordered: Answers = {
  "server/discover": () => ({
    result: {
      capabilities: { extensions: { [EVENTS_EXTENSION]: {}, [ORDERING_EXTENSION]: { version: 1 } } },
    },
  }),
  "events/subscribe": () => ({ result: { id: "s", refreshBefore: null, cursor: null, truncated: false } }),
  ...listing(listed("quiet", { delivery: ["webhook"] })),
};

it.each(["RULE-11.nothing-passes", "RULE-14.gap-in-place"])(
  "%s is skipped where nobody knows that any event happened",
  async (id) => {
    expect(await verdict(ordered, id)).toMatchObject({
      status: "SKIPPED",
      detail: expect.stringContaining("no event of quiet came"),
    });
  },
);

it("POLL-7: a server that holds polls, and of which nothing happens, is not blamed for it", async () => {
  const held = ({ timeoutMs = 0 }) =>
    new Promise<Wire>((resolve) => {
      const page = { events: [], cursor: "here", truncated: false, hasMore: false };
      setTimeout(() => resolve({ result: page }), timeoutMs);
    });
  const found = await verdict({ "events/poll": held }, "POLL-7.long-poll", { patienceMs: 1_000 });
  expect(found).toMatchObject({ status: "SKIPPED", detail: "no event of quiet happened" });
});

it("POLL-7: a server that is slow is not taken for one that holds polls", async () => {
  const slow = () =>
    new Promise<Wire>((resolve) => {
      setTimeout(() => resolve({ result: { events: [], cursor: "here" } }), 250);
    });
  const found = await verdict({ "events/poll": slow }, "POLL-7.long-poll", { patienceMs: 1_000 });
  expect(found).toMatchObject({ status: "SKIPPED", detail: "the server does not hold polls" });
});

it("PUSH-1: a type whose arguments cannot be guessed is not asked for a mode that it does not offer", async () => {
  const answers = {
    "events/stream": () => ({ error: { code: -32602, message: "a is missing" } }),
    ...listing(listed("first", { inputSchema: unguessable })),
  };
  expect(await verdict(answers, "PUSH-1.mode")).toMatchObject({
    status: "SKIPPED",
    detail: "no event type without push has arguments that can be guessed",
  });
});

it("LIST-1: pages that lead in a circle are a fault, and no end of the run", async () => {
  const circle = ({ cursor }: Wire) => ({ result: { events: [], nextCursor: cursor === "a" ? "b" : "a" } });
  expect(await verdict({ "events/list": circle }, "LIST-1.result")).toMatchObject({
    status: "FAILURE",
    detail: "nextCursor leads to the same page again",
  });
});

it("LIST-1: a list with something else in it is a fault of the list, and no end of the run", async () => {
  expect(await verdict(listing(null), "LIST-1.result")).toMatchObject({
    status: "FAILURE",
    detail: "an event type is no object: [null]",
  });
});

it("LIST-2: a schema is read in the dialect that it names", async () => {
  const pair = {
    $schema: "http://json-schema.org/draft-07/schema#",
    type: "object",
    properties: { pair: { type: "array", items: [{ type: "string" }, { type: "number" }] } },
  };
  expect(await verdict(listing(listed("quiet", { payloadSchema: pair })), "LIST-2.schemas")).toMatchObject({
    status: "SUCCESS",
  });
});

it.each([{}, { anyOf: [{ type: "object" }] }])(
  "a type that takes anything is asked with nothing: %j",
  async (schema) => {
    const found = await verdict(listing(listed("quiet", { inputSchema: schema })), "POLL-1.result");
    expect(found).toMatchObject({ status: "SUCCESS" });
  },
);

it("a guess keeps to the bounds of a schema", async () => {
  const bounded = {
    type: "object",
    required: ["code", "depth"],
    properties: { code: { type: "string", maxLength: 3 }, depth: { type: "integer", maximum: -2 } },
  };
  let asked: Wire;
  const answers = {
    ...listing(listed("quiet", { inputSchema: bounded })),
    "events/poll": ({ arguments: args }: Wire) => {
      asked = args;
      return { result: { events: [], truncated: false, hasMore: false } };
    },
  };
  await verdict(answers, "POLL-1.result");
  expect(asked).toEqual({ code: "con", depth: -2 });
});

it("a type that the server does not list is told, and nothing is checked", async () => {
  await expect(verdict({}, "POLL-1.result", { type: "quite" })).rejects.toThrow(
    'the server lists no event type "quite", but quiet',
  );
});
