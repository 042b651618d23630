/** What is used of Node's `IncomingMessage`, and of what body parsers add to it. */
export interface NodeRequest extends AsyncIterable<Uint8Array | string> {
  readonly method?: string;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body?: unknown;
}

/** Longest body of a `subscriptions/listen` that is read, in bytes. */
const MOST_BYTES = 1024 * 1024;

/** Reads and parses a request's body; what is too long or no JSON gives `null`, which no handler takes for a request. */
export async function readBody(req: NodeRequest): Promise<unknown> {
  const decoder = new TextDecoder();
  let text = "";
  for await (const chunk of req) {
    text += typeof chunk === "string" ? chunk : decoder.decode(chunk, { stream: true });
    if (text.length > MOST_BYTES) return null;
  }
  try {
    return JSON.parse(text + decoder.decode());
  } catch {
    return null;
  }
}
