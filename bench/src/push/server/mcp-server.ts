import { isJsonObject, METHODS, type RequestId } from "@mcp-events/protocol";
import { createEventServer } from "@mcp-events/server";
import { http } from "@mcp-events/transport-http";
import { stdio } from "@mcp-events/transport-stdio";
import { McpServer as McpServerV1 } from "@modelcontextprotocol/sdk/server/mcp.js";
import { McpServer as McpServerV2 } from "@modelcontextprotocol/server";
import * as z from "zod";
import { measured, type Order } from "../event";
import { activeFrame, eventFrame } from "./frame";
import { carryOut, Orders } from "./orders";

const INFO = { name: "bench", version: "1.0.0" };
const ORDER = { count: z.number(), perSecond: z.number().optional() };

/** Makes the MCP servers of one kind; what they serve is shared between them. */
export interface ServerFactory {
  v1(): McpServerV1;
  v2(): McpServerV2;
}

/** Servers with the event engine: what is ordered goes through `emit`. */
export function engineServers(): ServerFactory {
  const events = createEventServer({ transports: [http(), stdio()] });
  const handle = events.register(measured);
  const give = (order: Order) => void carryOut(order, (payload) => handle.emit(payload));
  const attach = <S extends McpServerV1 | McpServerV2>(server: S): S => {
    events.attach(server);
    return server;
  };
  return { v1: () => attach(toolServerV1(give)), v2: () => attach(toolServerV2(give)) };
}

const streamRequest = z.object({ method: z.literal(METHODS.stream), params: z.looseObject({}).optional() });

/** Servers that write the same frames by the SDK's own means, inside a request handler. */
export function bareServers(): ServerFactory {
  const orders = new Orders();
  const give = (order: Order) => orders.give(order);
  return {
    v1() {
      const server = toolServerV1(give);
      server.server.setRequestHandler(streamRequest, (_, extra) =>
        serve(orders, extra.requestId, extra.signal, (message) => extra.sendNotification(message as never)),
      );
      return server;
    },
    v2() {
      const server = toolServerV2(give);
      const schemas = { params: z.looseObject({}), result: z.looseObject({}) };
      server.server.setRequestHandler(METHODS.stream, schemas, (_, { mcpReq }) =>
        serve(orders, mcpReq.id, mcpReq.signal, (message) => mcpReq.notify(message as never)),
      );
      return server;
    },
  };
}

/** One stream of a bare server: carries out orders until its client leaves. */
async function serve(
  orders: Orders,
  requestId: RequestId,
  signal: AbortSignal,
  notify: (message: object) => Promise<void>,
): Promise<{ resultType: "complete" }> {
  await notify(activeFrame(requestId));
  while (!signal.aborted) {
    const order = await orders.next();
    await carryOut(order, (payload) => notify(eventFrame(payload, requestId)));
  }
  return { resultType: "complete" };
}

function toolServerV1(give: (order: Order) => void): McpServerV1 {
  const server = new McpServerV1(INFO);
  server.registerTool("emit", { inputSchema: ORDER }, (order) => answer(give, order));
  return server;
}

function toolServerV2(give: (order: Order) => void): McpServerV2 {
  const server = new McpServerV2(INFO);
  server.registerTool("emit", { inputSchema: z.object(ORDER) }, (order) => answer(give, order));
  return server;
}

function answer(give: (order: Order) => void, order: unknown): { content: [] } {
  if (isJsonObject(order)) give(order as unknown as Order);
  return { content: [] };
}
