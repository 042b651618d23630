import { once } from "node:events";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { sign } from "@octokit/webhooks-methods";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { receiveDelivery, type VerifiedDelivery } from "./receiver";

const SECRET = "it is a secret";
const body = JSON.stringify({ action: "opened", issue: { number: 7 } });

let server: Server;
let url: string;
let accepted: VerifiedDelivery[];

beforeEach(async () => {
  accepted = [];
  server = createServer((req, res) => {
    void receiveDelivery(req, res, SECRET, async (delivery) => void accepted.push(delivery));
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/github`;
});

afterEach(() => {
  server.close();
  server.closeAllConnections();
});

async function post(text: string, headers: Record<string, string>): Promise<number> {
  const response = await fetch(url, { method: "POST", body: text, headers });
  await response.arrayBuffer();
  return response.status;
}

async function headersFor(text: string, secret = SECRET): Promise<Record<string, string>> {
  return {
    "x-github-event": "issues",
    "x-github-delivery": "0001",
    "x-hub-signature-256": await sign(secret, text),
  };
}

describe("receiveDelivery", () => {
  it("accepts what the secret signed", async () => {
    expect(await post(body, await headersFor(body))).toBe(202);
    expect(accepted).toEqual([{ id: "0001", type: "issues.opened", payload: JSON.parse(body) }]);
  });

  it("refuses another secret's signature", async () => {
    expect(await post(body, await headersFor(body, "another"))).toBe(401);
    expect(accepted).toEqual([]);
  });

  it("refuses a body that was changed after signing", async () => {
    expect(await post(body.replace("7", "8"), await headersFor(body))).toBe(401);
    expect(accepted).toEqual([]);
  });

  it.each(["", "sha256=", "sha256=00", "sha1=0123", "nonsense"])(
    "refuses the signature %j",
    async (signature) => {
      const headers = { ...(await headersFor(body)), "x-hub-signature-256": signature };
      expect(await post(body, headers)).toBe(401);
    },
  );

  it("refuses a delivery that is not signed", async () => {
    expect(await post(body, { "x-github-event": "issues", "x-github-delivery": "1" })).toBe(401);
  });

  it.each(["x-github-event", "x-github-delivery"])("calls one without %s malformed", async (name) => {
    const { [name]: _left, ...headers } = await headersFor(body);
    expect(await post(body, headers)).toBe(400);
  });

  it.each(["[]", "not JSON"])("calls the body %s malformed", async (text) => {
    expect(await post(text, await headersFor(text))).toBe(400);
    expect(accepted).toEqual([]);
  });
});
