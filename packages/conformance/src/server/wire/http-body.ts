import { createParser } from "eventsource-parser";
import type { Wire } from "../../kit/expect";

/** Reads the messages of a response, whether it is JSON or SSE, as they come. */
export async function readMessages(response: Response, take: (message: Wire) => void): Promise<void> {
  if (!response.headers.get("content-type")?.includes("text/event-stream")) {
    const text = await response.text();
    const message = parse(text);
    if (message !== undefined) take(message);
    else if (!response.ok) take(httpError(response, text));
    return;
  }
  const parser = createParser({
    onEvent: ({ data }) => {
      const message = parse(data);
      if (message !== undefined) take(message);
    },
  });
  if (response.body === null) return;
  for await (const chunk of response.body.pipeThrough(new TextDecoderStream())) parser.feed(chunk);
}

/**
 * The answer to a request: as soon as it comes, whatever follows it.
 *
 * @param over - Called when nothing more comes.
 */
export function answerIn(response: Response, id: number | string, over: () => void): Promise<Wire> {
  return new Promise((resolve, reject) => {
    // Errors may come without an id; what has a method is a request or notification of the server, whatever its id.
    let other: Wire;
    const take = (message: Wire) => {
      if (message.method !== undefined) return;
      if (message.id === id) resolve(message);
      other ??= message;
    };
    readMessages(response, take)
      .then(() => resolve(other ?? httpError(response, "no answer in it")), reject)
      .finally(over);
  });
}

function httpError({ status }: Response, text: string): Wire {
  return { httpStatus: status, error: { message: `HTTP ${status}: ${text.slice(0, 100)}` } };
}

function parse(text: string): Wire {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null ? value : undefined;
  } catch {
    return undefined;
  }
}
