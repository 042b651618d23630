import { describe, expect, it } from "vitest";
import { parseEventArguments, parseSelection } from "./event-arguments";

describe("arguments of an event type", () => {
  it.each([
    [[], {}],
    [["repo=acme/web"], { repo: "acme/web" }],
    [["n=1", "m:=1"], { n: "1", m: 1 }],
    [["text=a=b:=c", "empty="], { text: "a=b:=c", empty: "" }],
    [["on:=true", "none:=null", 'list:=["a",2]'], { on: true, none: null, list: ["a", 2] }],
    [['{"repo":"acme/web","n":1}'], { repo: "acme/web", n: 1 }],
    [["a:b=c"], { "a:b": "c" }],
    [["__proto__=x"], JSON.parse('{"__proto__":"x"}')],
  ])("%j", (words, expected) => {
    expect(parseEventArguments(words)).toEqual(expected);
  });

  it.each([
    [["repo"], 'the argument "repo" cannot be read'],
    [["=x"], 'the argument "=x" cannot be read'],
    [["n:=abc"], 'the argument "n" is no JSON'],
    [["a=1", "a=2"], 'the argument "a" is given twice'],
    [["{not json"], "the arguments are no JSON"],
    [['{"a":1}', "b=2"], 'nothing else is read: "b=2"'],
  ])("%j is a usage error", (words, message) => {
    expect(() => parseEventArguments(words)).toThrow(
      expect.objectContaining({ exitCode: 2, message: expect.stringContaining(message) }),
    );
  });
});

describe("a type and its arguments in one word", () => {
  it.each([
    ["note.created", { name: "note.created", arguments: {} }],
    [" ticker.tick  intervalMs:=50 a=b ", { name: "ticker.tick", arguments: { intervalMs: 50, a: "b" } }],
    ['note.created {"author": "ann b"}', { name: "note.created", arguments: { author: "ann b" } }],
  ])("%j", (text, expected) => {
    expect(parseSelection(text)).toEqual(expected);
  });

  it("an empty word is a usage error", () => {
    expect(() => parseSelection(" ")).toThrow(expect.objectContaining({ exitCode: 2 }));
  });
});
