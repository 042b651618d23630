import { request as httpRequest } from "node:http";
import { describe, expect, it } from "vitest";
import { connect, startApp } from "./support/app";
import { INITIALIZE, LEGACY_REVISION, type Raw, result } from "./support/json-rpc";

const JSON_HEADERS = {
  "content-type": "application/json",
  accept: "application/json, text/event-stream",
  "mcp-protocol-version": LEGACY_REVISION,
};
const LIST = { jsonrpc: "2.0", id: 1, method: "events/list", params: {} };

function post(url: string, body: unknown, headers: Record<string, string> = {}): Promise<Response> {
  return fetch(url, {
    method: "POST",
    headers: { ...JSON_HEADERS, ...headers },
    body: typeof body === "string" ? body : JSON.stringify(body),
  });
}

describe.each(["v1", "v2"] as const)("HTTP, sdk %s", (sdk) => {
  it.each(["Bearer mallory", "Basic YTpi"])("refuses %j with 401 and a challenge", async (authorization) => {
    const { url } = await startApp({ sdk });
    const response = await post(url, LIST, { authorization });
    expect(response.status).toBe(401);
    expect(response.headers.get("www-authenticate")).toMatch(/^Bearer .*error="invalid_token"/);
    expect(await response.json()).toMatchObject({ jsonrpc: "2.0", error: { message: expect.any(String) } });
  });

  it("serves an anonymous caller and the known tokens", async () => {
    const { url } = await startApp({ sdk });
    for (const headers of [
      {},
      { authorization: "Bearer alice-token" },
      { authorization: "Bearer bob-token" },
    ]) {
      const response = await post(url, LIST, headers);
      expect(response.status).toBe(200);
      await response.text();
    }
  });

  it("refuses requests that came in under a foreign name, and pages from elsewhere", async () => {
    const { url } = await startApp({ sdk });
    expect(await statusWithHost(url, "evil.example:80")).toBe(403);
    expect(await statusWithHost(url, "localhost:9")).toBe(200);
    const foreign = await post(url, LIST, { origin: "https://evil.example" });
    expect(foreign.status).toBe(403);
    await foreign.text();
  });

  it("lets pages of this machine in, with what a browser asks for first", async () => {
    const { url } = await startApp({ sdk });
    const origin = "http://localhost:6274";
    const preflight = await fetch(url, {
      method: "OPTIONS",
      headers: { origin, "access-control-request-headers": "content-type,mcp-method" },
    });
    expect(preflight.status).toBe(204);
    expect(preflight.headers.get("access-control-allow-headers")).toBe("content-type,mcp-method");
    const response = await post(url, LIST, { origin });
    expect(response.status).toBe(200);
    expect(response.headers.get("access-control-allow-origin")).toBe(origin);
    expect(response.headers.get("access-control-expose-headers")).toMatch(/mcp-session-id/);
    await response.text();
  });

  it("answers other paths, methods and bodies as HTTP does", async () => {
    const { url } = await startApp({ sdk });
    const statuses = await Promise.all([
      fetch(url.replace("/mcp", "/.well-known/oauth-protected-resource")),
      fetch(url, { method: "PUT", body: "{}" }),
      post(url, "{"),
      post(url, LIST, { "content-type": "text/plain" }),
      post(url, " ".repeat(5 * 1024 * 1024)),
      post(url, LIST, { "mcp-session-id": "no-such-session" }),
    ]);
    expect(statuses.map(({ status }) => status)).toEqual([404, 405, 400, 415, 413, 404]);
    for (const response of statuses) await response.text();
    await result(await connect(url, { dialect: "stateless" }), "events/list");
  });

  it("opens a session for a client that initialises, and closes it on DELETE", async () => {
    const app = await startApp({ sdk });
    const opened = await post(app.url, { jsonrpc: "2.0", id: 0, method: "initialize", params: INITIALIZE });
    const id = opened.headers.get("mcp-session-id") ?? "";
    expect(id).not.toBe("");
    await opened.text();
    expect(app.fixture.sessions()).toBe(1);
    const headers = { ...JSON_HEADERS, "mcp-session-id": id };
    expect((await fetch(app.url, { method: "DELETE", headers })).status).toBe(200);
    expect(app.fixture.sessions()).toBe(0);
  });

  it("[pitfall 36] a principal's session is nobody else's; an anonymous one has each request's own rights", async () => {
    const { url } = await startApp({ sdk });
    const token = (name: string) => ({ authorization: `Bearer ${name}-token` });
    const open = async (headers: Record<string, string>) => {
      const params = INITIALIZE;
      const response = await post(url, { jsonrpc: "2.0", id: 0, method: "initialize", params }, headers);
      await response.text();
      return { "mcp-session-id": response.headers.get("mcp-session-id") ?? "" };
    };
    const status = async (headers: Record<string, string>) => {
      const response = await post(url, LIST, headers);
      await response.text();
      return response.status;
    };
    const alices = await open(token("alice"));
    expect(await status({ ...alices, ...token("alice") })).toBe(200);
    expect(await status({ ...alices, ...token("bob") })).toBe(404);
    expect(await status(alices)).toBe(404);
    const anonymous = await open({});
    expect(await status({ ...anonymous, ...token("bob") })).toBe(200);
    const secret = { jsonrpc: "2.0", id: 2, method: "events/poll", params: { name: "secret.created" } };
    const refused = await post(url, secret, { ...anonymous, ...token("bob") });
    expect(await refused.text()).toContain("-32024");
    const allowed = await post(url, secret, { ...anonymous, ...token("alice") });
    expect(await allowed.text()).toContain('"cursor"');
  });

  it("PUSH-7: closing the app ends every stream with a final result", async () => {
    const app = await startApp({ sdk });
    const dialects =
      sdk === "v2" ? (["modern", "session", "stateless"] as const) : (["session", "stateless"] as const);
    const streams = await Promise.all(
      dialects.map(async (dialect) => {
        const peer = await connect(app.url, { dialect });
        const stream = await peer.stream({ name: "note.created" });
        await stream.next("active");
        return stream;
      }),
    );
    await app.close();
    for (const stream of streams) {
      const response: Raw = await stream.response;
      expect(response).toMatchObject({ id: stream.id, result: { _meta: expect.any(Object) } });
    }
  });
});

/** `fetch` does not let its caller choose the Host header. */
function statusWithHost(url: string, host: string): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    const request = httpRequest(url, { method: "POST", headers: { ...JSON_HEADERS, host } }, (response) => {
      response.resume().once("end", () => resolve(response.statusCode));
    });
    request.once("error", reject);
    request.end(JSON.stringify(LIST));
  });
}
