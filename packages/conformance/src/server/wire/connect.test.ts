import { expect, it } from "vitest";
import { onHttp, onPipes, quietServer } from "../../testing/foreign-server";
import { checkServer } from "../check-server";

const QUICK = { patienceMs: 300, quietMs: 10 };

async function verdict(target: Parameters<typeof checkServer>[0], id: string, options = {}) {
  const { results } = await checkServer(target, { ...QUICK, only: [id], ...options });
  return results[0];
}

it("a request of the server is answered, and is no answer, whatever its id", async () => {
  const foreign = onPipes(
    quietServer({
      "events/list": () => {
        for (let id = 0; id < 20; id += 1) foreign.send({ id, method: id === 0 ? "ping" : "roots/list" });
        return { result: { events: [] } };
      },
    }),
  );
  expect(await verdict(foreign.target, "LIST-1.result")).toMatchObject({ status: "SUCCESS" });
  const answers = foreign.received.filter(({ method }) => method === undefined);
  expect(answers.slice(0, 2)).toMatchObject([
    { id: 0, result: {} },
    { id: 1, error: { code: -32601 } },
  ]);
});

it("a server on stdio that is silent before it is initialized is spoken to with a session", async () => {
  const { target } = onPipes(quietServer({ "server/discover": () => undefined }));
  expect(await verdict(target, "CAP-1.declared")).toMatchObject({ status: "SUCCESS" });
});

it("a server on stdio that ends is told at once", async () => {
  const foreign = onPipes(
    quietServer({
      "server/discover": () => void foreign.end(),
    }),
  );
  const checking = checkServer(foreign.target, { patienceMs: 60_000 });
  await expect(checking).rejects.toThrow("no connection on stdio: the server ended");
});

it("a command that does not exist is told by its name, at once", async () => {
  const checking = checkServer({ command: "no-such-command-of-mine" }, { patienceMs: 60_000 });
  await expect(checking).rejects.toThrow("no-such-command-of-mine ENOENT");
});

it("an answer is taken when it comes, though the server leaves its stream open", async () => {
  const url = await onHttp(quietServer(), ({ id, method }, res) => {
    if (method !== "events/list") return false;
    res.writeHead(200, { "content-type": "text/event-stream" });
    res.write(`data: ${JSON.stringify({ jsonrpc: "2.0", id, method: "ping" })}\n\n`);
    res.write(`data: ${JSON.stringify({ jsonrpc: "2.0", id, result: { events: [] } })}\n\n`);
    return true;
  });
  expect(await verdict({ url }, "LIST-1.result")).toMatchObject({ status: "SUCCESS" });
});

it("with a session, requests name the revision that was agreed on", async () => {
  const older = "2025-06-18";
  const answers = quietServer({
    "server/discover": () => ({ error: { code: -32000, message: "no session" } }),
    initialize: () => ({ result: { protocolVersion: older, capabilities: {}, serverInfo: {} } }),
  });
  const named = new Set<unknown>();
  const url = await onHttp(answers, ({ method }, _res, req) => {
    if (method !== "server/discover") named.add(`${method} ${req.headers["mcp-protocol-version"]}`);
    return false;
  });
  await verdict({ url }, "LIST-1.result");
  expect([...named]).toEqual([
    "initialize undefined",
    `notifications/initialized ${older}`,
    `events/list ${older}`,
    `tools/list ${older}`,
  ]);
});

it("a server that never answers over HTTP cannot be reached", async () => {
  const url = await onHttp(quietServer({ "server/discover": () => undefined }));
  await expect(checkServer({ url }, QUICK)).rejects.toThrow(
    "an answer to server/discover: not within 300 ms",
  );
});

it("an answer with nothing in it is told as a failure of the check", async () => {
  const url = await onHttp(quietServer(), ({ method }, res) => {
    if (method !== "events/poll") return false;
    res.writeHead(200).end();
    return true;
  });
  expect(await verdict({ url }, "POLL-1.result")).toMatchObject({
    status: "FAILURE",
    detail: expect.stringContaining("HTTP 200: no answer in it"),
  });
});
