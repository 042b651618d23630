import type { CheckServerOptions } from "@mcp-events/conformance/server";
import type { Raw } from "../../support/json-rpc";

/** A delivery on its way through a wrong server. */
export interface Delivery {
  readonly headers: Record<string, string>;
  body: Raw;
}

/** What a wrong server does otherwise than the right one behind it. Messages may be changed in place. */
export interface Wrong {
  /** What the run is given beside the usual. */
  readonly options?: CheckServerOptions;
  /** Before a request goes on; what is returned answers in its place. */
  request?(message: Raw, headers: Record<string, string>): Raw | undefined | Promise<Raw | undefined>;
  /** Before a response goes back; `undefined` drops it. */
  response?(message: Raw, request: Raw): Raw | undefined;
  /** Before a notification goes back: what goes in its place. */
  notification?(message: Raw, request: Raw): readonly Raw[];
  /** Before a webhook goes on; false: it is answered with 204 and goes nowhere. `sign` signs what was changed. */
  delivery?(
    delivery: Delivery,
    sign: () => void,
    secrets: readonly string[],
  ): boolean | undefined | Promise<boolean>;
  /** What the server is told of the endpoint's answer. */
  delivered?(status: number, location: string | null, delivery: Delivery): number | Promise<number>;
  /** Answers the server before the endpoint did. */
  readonly detached?: boolean;
}

const notified = (kind: string) => `notifications/events/${kind}`;

/** Changes results of a method. */
export const onResult = (method: string, change: (result: Raw, params: Raw) => void): Wrong => ({
  response(message, request) {
    if (request?.method === method && message.result !== undefined) change(message.result, request.params);
    return message;
  },
});

/** Changes error answers of a method; what is returned is the result in its place. */
export const onError = (method: string, change: (error: Raw) => Raw): Wrong => ({
  response(message, request) {
    if (request?.method !== method || message.error === undefined) return message;
    const result = change(message.error);
    return typeof result === "object" ? { jsonrpc: "2.0", id: message.id, result } : message;
  },
});

/** Another code for errors of a method. */
export const miscoded = (method: string): Wrong =>
  onError(method, (error) => {
    error.code = -32603;
  });

/** Changes notifications of a kind. */
export const onNotification = (kind: string, change: (params: Raw) => void): Wrong => ({
  notification(message) {
    if (message.method === notified(kind)) change(message.params);
    return [message];
  },
});

/** Drops notifications of a kind. */
export const dropped = (kind: string): Wrong => ({
  notification: (message) => (message.method === notified(kind) ? [] : [message]),
});

/** Answers some requests itself. */
export const answers = (method: string, answer: (params: Raw) => Raw | undefined): Wrong => ({
  request: (message) => (message.method === method ? answer(message.params) : undefined),
});

/** Changes requests of a method before the server gets them. */
export const onRequest = (method: string, change: (params: Raw) => void): Wrong => ({
  request(message) {
    if (message.method === method) change(message.params);
    return undefined;
  },
});

/** Changes bodies of deliveries, which are signed again. */
export const onBody = (change: (body: Raw, headers: Record<string, string>) => void): Wrong => ({
  delivery(delivery, sign) {
    if (delivery.body.type === "verification") return true;
    change(delivery.body, delivery.headers);
    sign();
    return true;
  },
});

/** Deliveries of a type go nowhere. */
export const swallowed = (type: string): Wrong => ({ delivery: ({ body }) => body.type !== type });

export const invalidParams = { error: { code: -32602, message: "no" } };
