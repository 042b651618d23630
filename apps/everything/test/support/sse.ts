import { createParser } from "eventsource-parser";
import type { Raw } from "./json-rpc";

/** The JSON messages of an SSE response, as they come. */
export async function* readEvents(response: Response): AsyncGenerator<Raw> {
  const messages: Raw[] = [];
  const parser = createParser({
    onEvent: ({ data }) => {
      if (data !== "") messages.push(JSON.parse(data));
    },
  });
  if (response.body === null) return;
  for await (const chunk of response.body.pipeThrough(new TextDecoderStream())) {
    parser.feed(chunk);
    yield* messages.splice(0);
  }
}
