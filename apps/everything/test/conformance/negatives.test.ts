import { PassThrough, Transform } from "node:stream";
import { checkServer, listServerChecks } from "@mcp-events/conformance/server";
import { afterAll, beforeAll, describe, expect, it, onTestFinished, test } from "vitest";
import { type Everything, startEverything } from "../../src/start";
import { ALICE, found, QUICK_FIXTURE, RUN } from "./support";
import { WRONG_ANSWERS } from "./wrong/answers";
import { WRONG_STREAMS } from "./wrong/streams";
import { WRONG_WEBHOOKS } from "./wrong/webhooks";
import { wrongServer } from "./wrong/wrong-server";

const WRONG = { ...WRONG_ANSWERS, ...WRONG_STREAMS, ...WRONG_WEBHOOKS };

/** Found on stdio, where the others are found over HTTP. */
const ON_STDIO = ["PUSH-7.cancelled"];

/** Checks of everything a wrong server does right, so that one that finds the fault finds that and no other. */
const OTHERS = ["CAP-1.declared", "LIST-1.result", "OCC-1.fields", "PUSH-2.active-first", "HOOK-9.signature"];

/** What else is wrong of necessity. */
const ALSO: Readonly<Record<string, readonly string[]>> = {
  "CAP-4.not-offered": ["CAP-1.declared"],
};

const QUICK = { ...RUN, patienceMs: 1_000, heartbeatMs: 300, retryMs: 300 };

test("every check has a server that it finds fault with", () => {
  const checks = listServerChecks().map(({ id }) => id);
  expect([...Object.keys(WRONG), ...ON_STDIO].sort()).toEqual([...checks].sort());
});

let app: Everything;
beforeAll(async () => {
  app = await startEverything({ ...QUICK_FIXTURE, serving: { kind: "http", port: 0 } });
});
afterAll(() => app.close());

/** The right server behind the wrong ones; one for all, each check undoes what it does. */
const right = () => app.url ?? "";

describe("a wrong server is found out by the check of what it does wrong, and by no other", () => {
  it.each(Object.keys(WRONG))("%s", async (id) => {
    const wrong = WRONG[id] ?? {};
    const target = { url: await wrongServer(right(), wrong), headers: ALICE };
    const report = await checkServer(target, { ...QUICK, ...wrong.options, only: [...OTHERS, id] });
    const result = report.results.find((one) => one.id === id);
    expect(result, result?.detail).toMatchObject({
      status: result?.severity === "MUST" ? "FAILURE" : "WARNING",
    });
    expect(found(report).sort()).toEqual([...(ALSO[id] ?? []), id].sort());
  });

  it("PUSH-7.cancelled, on stdio", async () => {
    const [toServer, toClient, output] = [new PassThrough(), new PassThrough(), withoutCancellations()];
    output.pipe(toServer);
    const serving = { kind: "stdio", principal: "alice" } as const;
    const app = await startEverything({ ...QUICK_FIXTURE, serving }, { stdin: toServer, stdout: toClient });
    onTestFinished(() => app.close());
    const only = [...OTHERS, ...ON_STDIO];
    const report = await checkServer({ input: toClient, output }, { ...QUICK, only });
    expect(found(report)).toEqual(ON_STDIO);
  });

  it("nothing is found when the proxy changes nothing", async () => {
    const wrong = await wrongServer(right(), { delivery: () => true });
    expect(found(await checkServer({ url: wrong, headers: ALICE }, { ...QUICK, only: OTHERS }))).toEqual([]);
  });
});

/** Swallows what the client says of cancelling. */
function withoutCancellations(): Transform {
  return new Transform({
    transform(chunk: Buffer, _encoding, done) {
      const lines = chunk.toString().split("\n");
      done(null, lines.filter((line) => !line.includes("notifications/cancelled")).join("\n"));
    },
  });
}
