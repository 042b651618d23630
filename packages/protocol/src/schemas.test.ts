import { describe, expect, it } from "vitest";
import { clientCapabilities, readServerCapabilities, serverCapabilities } from "./schemas/capabilities";
import { descriptorSchema, listParamsSchema } from "./schemas/list";
import { occurrenceSchema } from "./schemas/occurrence";
import { orderingMarkSchema, orderingPositionSchema, readOrdering } from "./schemas/ordering";
import { pollParamsSchema, pollResultSchema } from "./schemas/poll";
import { activeSchema, heartbeatSchema, streamParamsSchema } from "./schemas/stream";
import { envelopeSchema, subscribeParamsSchema, subscribeResultSchema } from "./schemas/webhook";

describe("absent means null (CUR-1) [pitfall 31]", () => {
  it.each([
    ["poll request", pollParamsSchema, { name: "n" }],
    ["poll result", pollResultSchema, {}],
    ["stream request", streamParamsSchema, { name: "n" }],
    ["active", activeSchema, {}],
    ["heartbeat", heartbeatSchema, {}],
    ["gap envelope", envelopeSchema, { type: "gap" }],
    [
      "subscribe request",
      subscribeParamsSchema,
      { name: "n", delivery: { mode: "webhook", url: "u", secret: "s" } },
    ],
    ["subscribe result", subscribeResultSchema, { id: "sub_1", refreshBefore: null }],
  ])("%s", (_what, schema, bare) => {
    expect(schema.parse(bare)).toMatchObject({ cursor: null });
    expect(schema.parse({ ...bare, cursor: null })).toEqual(schema.parse(bare));
    expect(schema.parse({ ...bare, cursor: "c" })).toMatchObject({ cursor: "c" });
    expect(schema.safeParse({ ...bare, cursor: 5 }).success).toBe(false);
  });

  it("OCC-1: of an occurrence and of list: a null cursor is taken (POLL-2, LIST-1)", () => {
    const occurrence = { eventId: "e", name: "n", timestamp: "t", data: {} };
    expect(occurrenceSchema.parse({ ...occurrence, cursor: null }).cursor).toBeNull();
    expect(occurrenceSchema.parse(occurrence).cursor).toBeUndefined();
    expect(listParamsSchema.parse({ cursor: null }).cursor).toBeNull();
  });

  it("of maxAgeMs, maxEvents and timeoutMs: null is no bound", () => {
    const nulls = { maxAgeMs: null, maxEvents: null, timeoutMs: null };
    expect(pollParamsSchema.safeParse({ name: "n", ...nulls }).success).toBe(true);
  });
});

describe("requests and results", () => {
  it("ignore unknown fields, and fill in what may be left out", () => {
    expect(pollResultSchema.parse({ extra: 1 })).toEqual({
      events: [],
      cursor: null,
      truncated: false,
      hasMore: false,
    });
    expect(streamParamsSchema.parse({ name: "n", params: {} })).toEqual({
      name: "n",
      arguments: {},
      cursor: null,
    });
    expect(
      descriptorSchema.parse({ name: "n", delivery: ["push"], inputSchema: {}, payloadSchema: {} }),
    ).toMatchObject({
      description: "",
    });
  });

  it.each([
    [{ name: 5 }],
    [{}],
    [{ name: "n", arguments: [] }],
    [{ name: "n", maxEvents: 0 }],
    [{ name: "n", maxEvents: 1.5 }],
    [{ name: "n", maxAgeMs: -1 }],
    [{ name: "n", timeoutMs: "1" }],
  ])("refuse wrong types: %j", (params) => {
    expect(pollParamsSchema.safeParse(params).success).toBe(false);
  });
});

describe("capabilities", () => {
  it("CAP-1, CAP-2: both forms are declared", () => {
    expect(serverCapabilities({ listChanged: true })).toEqual({
      events: { listChanged: true },
      extensions: {
        "io.modelcontextprotocol/events": { listChanged: true },
        "dev.mcp-events/ordering": { version: 1 },
      },
    });
    expect(clientCapabilities()).toMatchObject({ extensions: { "io.modelcontextprotocol/events": {} } });
  });

  it("CAP-3: either form is read, the extension first; neither is no events server", () => {
    const extension = { extensions: { "io.modelcontextprotocol/events": { listChanged: true } } };
    expect(readServerCapabilities(extension)).toEqual({ listChanged: true });
    expect(readServerCapabilities({ events: {} })).toEqual({ listChanged: false });
    expect(readServerCapabilities({ ...extension, events: {} })).toEqual({ listChanged: true });
    expect(readServerCapabilities({ tools: {}, extensions: {} })).toBeUndefined();
    expect(readServerCapabilities({ events: true })).toBeUndefined();
    expect(readServerCapabilities(undefined)).toBeUndefined();
  });
});

describe("ordering data in _meta", () => {
  const key = "dev.mcp-events/ordering";

  it("is read where it is whole, and absent otherwise: a plain peer is not an error", () => {
    const mark = { log: "events", epoch: 1, seq: 2, prev: 1 };
    expect(readOrdering({ [key]: mark }, orderingMarkSchema)).toEqual(mark);
    expect(readOrdering({ [key]: { ...mark, seq: 2 ** 53 } }, orderingMarkSchema)).toBeUndefined();
    expect(readOrdering({ [key]: { ...mark, prev: -1 } }, orderingMarkSchema)).toBeUndefined();
    expect(readOrdering({ [key]: "x" }, orderingPositionSchema)).toBeUndefined();
    expect(readOrdering({}, orderingPositionSchema)).toBeUndefined();
    expect(readOrdering(null, orderingPositionSchema)).toBeUndefined();
  });
});
