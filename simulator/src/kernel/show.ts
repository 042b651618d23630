import { type JsonObject, type Message, ORDERING_EXTENSION } from "@mcp-events/protocol";

/** A message body as a trace shows it: what it is, its event, its place, and whether something is missing before it. */
export function showBody(body: JsonObject): string {
  const { data, type, truncated, cursor, events } = body as {
    data?: { n: number };
    type?: string;
    truncated?: boolean;
    cursor?: unknown;
    events?: JsonObject[];
  };
  const place = (body._meta as JsonObject | undefined)?.[ORDERING_EXTENSION] as JsonObject | undefined;
  const parts = [
    type,
    data === undefined ? undefined : `event ${data.n}`,
    events === undefined ? undefined : `[${events.map(showBody).join("; ")}]`,
    place === undefined ? undefined : showPlace(place),
    truncated === true ? "truncated" : undefined,
    cursor === null ? "no cursor" : undefined,
  ];
  return parts.filter((part) => part !== undefined).join(" ");
}

function showPlace({ log: _log, epoch: _epoch, ...rest }: JsonObject): string {
  return JSON.stringify(rest).replaceAll('"', "");
}

/** A notification as a trace shows it. */
export function showMessage({ method, params }: Message): string {
  return `${method.replace("notifications/events/", "")} ${showBody(params)}`;
}
