import { expect, test } from "vitest";
import { compilerErrors } from "./compiler-output";

const OWN = [
  "consumer.ts(1,26): error TS2307: Cannot find module '@mcp-events/none'.",
  "node_modules/@mcp-events/client/dist/index.d.ts(3,8): error TS2307: Cannot find module 'zod'.",
  "node_modules/.pnpm/@mcp-events+client@file+x/node_modules/@mcp-events/client/dist/a.d.ts(1,1): error TS1005: ';'.",
  "error TS5023: Unknown compiler option 'x'.",
];
const OTHERS = [
  "node_modules/@nats-io/nats-core/lib/msg.d.ts(3,22): error TS2420: Class 'MsgImpl' is wrong.",
  "  Types of property 'headers' are incompatible.",
  "node_modules/@mcp-events/store-nats/node_modules/@nats-io/kv/lib/a.d.ts(1,1): error TS1005: ';'.",
];

test("errors of the application and of our packages count; those in the declarations of other packages do not", () => {
  const stdout = [...OTHERS, ...OWN, ""].join("\n");
  expect(compilerErrors({ code: 2, stdout, stderr: "" })).toEqual(OWN);
  expect(compilerErrors({ code: 2, stdout: OTHERS.join("\n"), stderr: "" })).toEqual([]);
});

test("a compiler that fails without an error is no success", () => {
  expect(compilerErrors({ code: 134, stdout: "", stderr: "out of memory" })).toContain("out of memory");
  expect(compilerErrors({ code: 0, stdout: "", stderr: "" })).toEqual([]);
});
