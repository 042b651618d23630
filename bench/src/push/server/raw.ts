import { once } from "node:events";
import type { IncomingMessage, ServerResponse } from "node:http";
import { createInterface } from "node:readline";
import type { Writable } from "node:stream";
import type { Order } from "../event";
import { activeFrame, eventFrame, frameJson } from "./frame";
import { carryOut, Orders } from "./orders";

const REQUEST_ID = 1;

/** Writes frames with `write` only, as fast as `out` takes them. */
async function write(order: Order, out: Writable, frame: (json: string) => string): Promise<void> {
  await carryOut(order, (payload) => {
    const more = out.write(frame(frameJson(eventFrame(payload, REQUEST_ID))));
    return more ? undefined : once(out, "drain");
  });
}

/** SSE without an SDK: GET is the stream, POST brings an order. */
export function rawHttp(): (req: IncomingMessage, res: ServerResponse) => Promise<void> {
  const orders = new Orders();
  const frame = (json: string) => `event: message\ndata: ${json}\n\n`;
  return async (req, res) => {
    if (req.method === "POST") {
      const chunks: Buffer[] = await req.toArray();
      orders.give(JSON.parse(Buffer.concat(chunks).toString()));
      res.writeHead(202).end();
      return;
    }
    res.writeHead(200, { "content-type": "text/event-stream" });
    res.write(frame(frameJson(activeFrame(REQUEST_ID))));
    while (!res.destroyed) await write(await orders.next(), res, frame);
  };
}

/** A line of JSON for each frame; each line of input is an order. */
export async function rawStdio(): Promise<void> {
  const frame = (json: string) => `${json}\n`;
  process.stdout.write(frame(frameJson(activeFrame(REQUEST_ID))));
  for await (const line of createInterface({ input: process.stdin })) {
    await write(JSON.parse(line), process.stdout, frame);
  }
}
