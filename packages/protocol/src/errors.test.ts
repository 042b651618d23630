import { describe, expect, it } from "vitest";
import { EventsError, WIRE_CODES, WireError, type WireErrorName, wireErrorName } from "./errors";

describe("wire errors", () => {
  it("have these numbers, pinned: SEP-3415 and the sketch", () => {
    expect(WIRE_CODES).toEqual({
      "sep-3415": {
        InvalidParams: -32602,
        NotFound: -32023,
        Forbidden: -32024,
        ResourceExhausted: -32025,
        Unsupported: -32026,
        CallbackEndpointError: -32027,
        InternalError: -32603,
      },
      sketch: {
        InvalidParams: -32602,
        NotFound: -32011,
        Forbidden: -32012,
        ResourceExhausted: -32013,
        Unsupported: -32014,
        CallbackEndpointError: -32015,
        InternalError: -32603,
      },
    });
  });

  it("are understood by name whichever profile the peer follows, and leave numbered by one's own", () => {
    for (const profile of ["sep-3415", "sketch"] as const) {
      for (const [name, code] of Object.entries(WIRE_CODES[profile])) {
        expect(wireErrorName(code)).toBe(name);
        const error = WireError.fromWire({ code, message: "m", data: { kind: "event" } });
        expect(error).toMatchObject({ error: name, message: "m", data: { kind: "event" } });
        expect(error.toWire(profile)).toEqual({ code, message: "m", data: { kind: "event" } });
      }
    }
  });

  it("keep the number of a code of neither profile, and drop data that is no object", () => {
    expect(WireError.fromWire({ code: -1, message: "m", data: { a: 1 } })).toMatchObject({
      error: "InternalError",
      data: { a: 1, code: -1 },
    });
    expect(WireError.fromWire({ code: -32023, message: "m", data: "text" }).data).toBeUndefined();
    expect(new WireError("Forbidden", "no").toWire("sketch")).toEqual({ code: -32012, message: "no" });
  });

  it("say whether the same request can succeed later", () => {
    const retryable = (name: WireErrorName) => new WireError(name, "m").retryable;
    expect(Object.keys(WIRE_CODES.sketch).filter((name) => retryable(name as WireErrorName))).toEqual([
      "ResourceExhausted",
      "InternalError",
    ]);
  });

  it("and local errors are recognised by brand, not by prototype, and not taken for each other", () => {
    const cause = new Error("why");
    const local = new EventsError("closed", "m", { cause, retryable: true });
    const copy = { [Symbol.for("mcp-events.EventsError")]: true };
    expect([EventsError.is(local), EventsError.is(copy), WireError.is(local)]).toEqual([true, true, false]);
    expect([EventsError.is(null), EventsError.is("closed"), EventsError.is(new Error("m"))]).not.toContain(
      true,
    );
    expect(local).toMatchObject({ code: "closed", retryable: true, cause });
    expect(WireError.is(new WireError("NotFound", "m"))).toBe(true);
  });
});
