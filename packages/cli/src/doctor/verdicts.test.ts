import { EVENTS_EXTENSION, type EventDescriptor, ORDERING_EXTENSION } from "@mcp-events/protocol";
import { describe, expect, it } from "vitest";
import { accessOf } from "./examine";
import type { ServerFacts } from "./facts";
import { findingsOf } from "./findings";
import { verdictsOf } from "./verdicts";
import { profileOf } from "./wire-code";

const type = (name: string, ...delivery: EventDescriptor["delivery"]): EventDescriptor => ({
  name,
  description: "",
  delivery,
  inputSchema: {},
  payloadSchema: {},
  _meta: { [ORDERING_EXTENSION]: { log: "events", guarantee: "key" } },
});

/** A server that everybody can use. */
const GOOD: ServerFacts = {
  transport: "http",
  url: new URL("https://server.example/mcp"),
  authenticated: true,
  server: { name: "s", version: "1" },
  revision: "2026-07-28",
  capabilities: {
    events: {},
    extensions: { [EVENTS_EXTENSION]: { listChanged: true }, [ORDERING_EXTENSION]: { version: 1 } },
  },
  types: [type("a", "poll", "push", "webhook")],
  profile: "sketch",
  webhooks: "allowed",
  trials: [],
};

const works = (change: Partial<ServerFacts>) =>
  verdictsOf({ ...GOOD, ...change }).map((verdict) => verdict.works);
const problems = (change: Partial<ServerFacts>, level: string) =>
  findingsOf({ ...GOOD, ...change })
    .filter((one) => one.level === level)
    .map(({ topic }) => topic);

describe("who can use a server: our client, ChatGPT, the AI SDK, plain pollers", () => {
  it.each<[string, Partial<ServerFacts>, string[]]>([
    ["all is well", {}, ["yes", "yes", "yes", "yes"]],
    ["stdio", { transport: "stdio", url: undefined, authenticated: undefined }, ["yes", "no", "yes", "yes"]],
    ["a loopback address", { url: new URL("http://127.0.0.1:1/mcp") }, ["yes", "no", "yes", "yes"]],
    ["plain http", { url: new URL("http://server.example/mcp") }, ["yes", "no", "yes", "yes"]],
    ["an older revision", { revision: "2025-11-25" }, ["yes", "no", "yes", "yes"]],
    ["an SDK that does not say which revision", { revision: undefined }, ["yes", "yes", "yes", "yes"]],
    [
      "CAP-2: no events at the top level",
      { capabilities: { extensions: { [EVENTS_EXTENSION]: {} } } },
      ["yes", "no", "no", "yes"],
    ],
    [
      "CAP-1: events at the top level only",
      { capabilities: { events: {} } },
      ["yes", "yes", "yes", "partly"],
    ],
    ["CAP-3: no events", { capabilities: {}, types: "none", webhooks: "absent" }, ["no", "no", "no", "no"]],
    ["no webhooks", { types: [type("a", "poll", "push")] }, ["yes", "no", "no", "yes"]],
    [
      "webhooks for some types",
      { types: [type("a", "webhook"), type("b", "poll")] },
      ["yes", "partly", "partly", "partly"],
    ],
    ["webhooks only", { types: [type("a", "webhook")] }, ["yes", "yes", "yes", "no"]],
    ["push only", { types: [type("a", "push")] }, ["yes", "no", "no", "no"]],
    ["modes of a later day", { types: [type("a")] }, ["no", "no", "no", "no"]],
    ["no types", { types: [] }, ["no", "no", "no", "no"]],
    ["a list that fails", { types: "broken" }, ["no", "no", "no", "no"]],
    ["the numbers of SEP-3415", { profile: "sep-3415" }, ["yes", "partly", "yes", "yes"]],
    ["HOOK-2: webhooks refused with credentials", { webhooks: "forbidden" }, ["yes", "no", "no", "yes"]],
    [
      "webhooks refused without credentials",
      { webhooks: "forbidden", authenticated: false },
      ["yes", "yes", "yes", "yes"],
    ],
    ["no events/subscribe", { webhooks: "absent" }, ["yes", "no", "no", "yes"]],
  ])("%s", (_title, change, expected) => {
    expect(works(change)).toEqual(expected);
  });

  it("every obstacle says why, and what to do", () => {
    const worst = {
      ...GOOD,
      transport: "stdio",
      url: undefined,
      revision: "2025-11-25",
      capabilities: {},
      types: [],
      webhooks: "absent",
    } as const;
    const obstacles = verdictsOf(worst).flatMap((verdict) => verdict.obstacles);
    expect(obstacles.length).toBeGreaterThan(8);
    expect(obstacles.filter(({ why, advice }) => why === "" || advice === "")).toEqual([]);
  });
});

describe("findings", () => {
  it("are all ok where all is well", () => {
    expect([problems({}, "problem"), problems({}, "warning")]).toEqual([[], []]);
  });

  it.each<[Partial<ServerFacts>, string, string[]]>([
    [{ capabilities: {} }, "problem", ["events"]],
    [{ types: "broken" }, "problem", ["types"]],
    [{ types: [type("a")] }, "problem", ["types"]],
    [{ webhooks: "absent" }, "problem", ["webhooks"]],
    [{ trials: [{ mode: "push", ok: false, reason: "no" }] }, "problem", ["try push"]],
    [{ types: [] }, "warning", ["types"]],
    [{ profile: "unknown" }, "warning", ["errors"]],
    [{ revision: "2025-11-25" }, "warning", ["revision"]],
    [{ webhooks: "forbidden" }, "warning", ["webhooks"]],
    [{ capabilities: { events: {} } }, "warning", ["extension"]],
    [{ capabilities: { extensions: { [EVENTS_EXTENSION]: {} } } }, "warning", ["top level"]],
  ])("%j: a %s of %j", (change, level, topics) => {
    expect(problems(change, level)).toEqual(topics);
  });

  it("tell the ordering, and that there is none", () => {
    const textOf = (change: Partial<ServerFacts>) =>
      findingsOf({ ...GOOD, ...change }).find(({ topic }) => topic === "ordering")?.text;
    expect(textOf({})).toBe("version 1; logs: events; 1 types in order for each key");
    expect(textOf({ capabilities: { events: {} } })).toContain("as the server sends them");
  });
});

describe("what answers to an unknown type say", () => {
  it.each([
    [-32023, "sep-3415"],
    [-32011, "sketch"],
    [-32602, "unknown"],
    ["result", "unknown"],
    [undefined, "unknown"],
  ] as const)("%s: errors are numbered as in %s", (answer, profile) => {
    expect(profileOf(answer)).toBe(profile);
  });

  it.each([
    [-32601, "absent"],
    [-32024, "forbidden"],
    [-32012, "forbidden"],
    [-32023, "allowed"],
    [-32011, "allowed"],
    [-32602, "unknown"],
    [undefined, "unknown"],
  ] as const)("%s: webhooks are %s", (answer, access) => {
    expect(accessOf(answer)).toBe(access);
  });
});
