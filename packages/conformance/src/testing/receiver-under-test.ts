import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import { fetchHandler, orderedHandler, webhookReceiver } from "@mcp-events/transport-webhook";
import { onTestFinished } from "vitest";
import type { Observed } from "../receiver";

/** One delivery, as an HTTP server gets it. */
export interface Delivered {
  headers: Record<string, string>;
  text: string;
}

/** What a wrong receiver does in place of the right one, which it may ask. */
export type Wrong = (
  delivery: Delivered,
  right: (delivery: Delivered) => Promise<{ status: number; text: string }>,
  seen: Observed[],
) => Promise<{ status: number; text: string }>;

/** A receiver on loopback, for the length of the test: the one of this repository, or one that does something wrong. */
export async function receiverUnderTest(wrong: Wrong = (delivery, right) => right(delivery)) {
  const seen: Observed[] = [];
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  const receiver = webhookReceiver({ url: `http://127.0.0.1:${port}/hooks/` });
  const ordered = orderedHandler({
    holdMs: 300,
    handle(item) {
      seen.push(item.kind === "event" ? { eventId: item.event.eventId } : { type: item.kind });
    },
  });
  const callback = await receiver.open({ key: "conformance", take: ordered.take });
  callback.settle("sub_conformance");
  const handler = fetchHandler(receiver);
  const right = async ({ headers, text }: Delivered) => {
    const answer = await handler(new Request(callback.url, { method: "POST", headers, body: text }));
    return { status: answer.status, text: await answer.text() };
  };
  server.on("request", async (req, res) => {
    const answer = await wrong(await delivered(req), right, seen);
    res.writeHead(answer.status, { "content-type": "application/json" }).end(answer.text);
  });
  onTestFinished(async () => {
    server.closeAllConnections();
    server.close();
    await ordered.close();
    receiver.close();
  });
  return { url: callback.url, secret: callback.secret, observed: () => seen };
}

async function delivered(req: IncomingMessage): Promise<Delivered> {
  let text = "";
  for await (const chunk of req.setEncoding("utf8")) text += chunk;
  const headers = Object.entries(req.headers).filter(
    (header): header is [string, string] => typeof header[1] === "string" && header[0] !== "connection",
  );
  return { headers: Object.fromEntries(headers), text };
}
