import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { createInterface } from "node:readline";
import { PassThrough } from "node:stream";
import { EVENTS_EXTENSION } from "@mcp-events/protocol";
import { onTestFinished } from "vitest";
import type { Wire } from "../kit/expect";

/** Answers by method: a result, an error, or `undefined` for silence. */
export type Answers = Readonly<Record<string, (params: Wire) => Wire>>;

const object = { type: "object" };

/** An event type as a server lists it. */
export function listed(name: string, rest: object = {}): Wire {
  return {
    name,
    description: name,
    delivery: ["poll"],
    inputSchema: object,
    payloadSchema: object,
    ...rest,
  };
}

/** A server with one type that is polled, and of which nothing happens by itself. */
export function quietServer(answers: Answers = {}): Answers {
  const capabilities = { extensions: { [EVENTS_EXTENSION]: {} } };
  const about = { capabilities, serverInfo: { name: "foreign", version: "1" } };
  const page = { events: [], cursor: "here", truncated: false, hasMore: false, nextPollMs: 10 };
  return {
    "server/discover": () => ({ result: about }),
    initialize: ({ protocolVersion }) => ({ result: { ...about, protocolVersion } }),
    "events/list": () => ({ result: { events: [listed("quiet")] } }),
    "events/poll": () => ({ result: page }),
    ...answers,
  };
}

function answerOf(answers: Answers, { method, params }: Wire): Wire {
  const answer = answers[method];
  return answer === undefined ? { error: { code: -32601, message: "unbekannt" } } : answer(params ?? {});
}

/** A server on pipes, without any SDK. */
export function onPipes(answers: Answers) {
  const [input, output] = [new PassThrough(), new PassThrough()];
  const received: Wire[] = [];
  const send = (message: Wire) => input.write(`${JSON.stringify({ jsonrpc: "2.0", ...message })}\n`);
  createInterface({ input: output }).on("line", async (line) => {
    const message = JSON.parse(line);
    received.push(message);
    if (message.method === undefined || message.id === undefined) return;
    const answer = answerOf(answers, message);
    if (answer !== undefined) send({ id: message.id, ...(await answer) });
  });
  return { target: { input, output }, received, send, end: () => input.end() };
}

/** A server over HTTP, without any SDK; `serve` may answer in its place, and then returns true. */
export async function onHttp(
  answers: Answers,
  serve: (message: Wire, res: ServerResponse, req: IncomingMessage) => boolean = () => false,
): Promise<string> {
  const server = createServer(async (req, res) => {
    let text = "";
    for await (const chunk of req.setEncoding("utf8")) text += chunk;
    const message = text === "" ? {} : JSON.parse(text);
    if (serve(message, res, req)) return;
    if (message.id === undefined) return void res.writeHead(202).end();
    const answer = answerOf(answers, message);
    if (answer === undefined) return;
    res.writeHead(200, { "content-type": "application/json" });
    res.end(JSON.stringify({ jsonrpc: "2.0", id: message.id, ...(await answer) }));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => {
    server.close();
    server.closeAllConnections();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/mcp`;
}
