import { expect, it } from "vitest";
import { origin, parseListen } from "./listen";

it.each([
  ["8080", "http://127.0.0.1:8080"],
  ["0", "http://127.0.0.1:0"],
  ["0.0.0.0:80", "http://0.0.0.0:80"],
  ["localhost:80", "http://localhost:80"],
  ["[::1]:8080", "http://[::1]:8080"],
])("%s is %s", (text, expected) => {
  expect(origin(parseListen(text))).toBe(expected);
});

it.each(["", "x", "65536", ":80", "::1:80", "host:", "http://host:80", "-1"])(
  "%j is a usage error",
  (text) => {
    expect(() => parseListen(text)).toThrow(expect.objectContaining({ exitCode: 2 }));
  },
);
