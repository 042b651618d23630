import {
  isJsonObject,
  type JsonObject,
  type Message,
  NOTIFICATION_PREFIX,
  type OutgoingStream,
  type RequestId,
  SUBSCRIPTION_ID,
} from "@mcp-events/protocol";

type Bytes = Uint8Array<ArrayBuffer>;

const BLANK = "\n\n";
/** A keepalive, or nothing. */
const COMMENT = /^(?::[^\n]*\n?)*$/;
/** Characters that may wait for the end of their frame. */
const LONGEST_FRAME = 1024 * 1024;
/** A frame of one line of JSON, as both SDK lines write them. */
const FRAME = /^(?:event: message\n)?data: (\{[^\n]*\})$/;

/**
 * Reads a stream's notifications out of its SSE body; keepalives, the result and whatever else there is go on to the SDK
 * as they are. Frames written in any other way that the format allows are left to the SDK, and with the first of them
 * all that follow, so that the order stays.
 */
export class SseIntake {
  readonly #decoder = new TextDecoder();
  readonly #encoder = new TextEncoder();
  #text = "";
  #reading: boolean;

  constructor(
    private readonly id: RequestId,
    private readonly stream: OutgoingStream,
  ) {
    this.#reading = stream.take !== undefined;
  }

  /** Takes a chunk; what of it the SDK is to read. */
  take(chunk: Bytes): Bytes | undefined {
    const text = this.#text + this.#decoder.decode(chunk, { stream: true });
    if (!this.#reading) return this.#bytes(text);
    if (text.includes("\r")) return this.#stop(text);
    let left = "";
    let start = 0;
    for (let end = text.indexOf(BLANK); end !== -1; end = text.indexOf(BLANK, start)) {
      const frame = text.slice(start, end);
      const message = messageOf(frame);
      if (this.#isOurs(message)) this.stream.take?.({ method: message.method, params: message.params });
      else if (isHarmless(frame, message)) left += frame + BLANK;
      else return this.#stop(left + text.slice(start));
      start = end + BLANK.length;
    }
    const rest = text.slice(start);
    if (rest.length > LONGEST_FRAME) return this.#stop(left + rest);
    this.#text = rest;
    return this.#bytes(left);
  }

  /** What is left when the body ended. */
  end(): Bytes | undefined {
    return this.#stop(this.#text + this.#decoder.decode());
  }

  #stop(text: string): Bytes | undefined {
    this.#reading = false;
    this.#text = "";
    return this.#bytes(text);
  }

  #bytes(text: string): Bytes | undefined {
    return text === "" ? undefined : this.#encoder.encode(text);
  }

  #isOurs(message: JsonObject | undefined): message is JsonObject & Message {
    if (message === undefined || message.id !== undefined || !isEvents(message.method)) return false;
    const { params } = message;
    return isJsonObject(params) && isJsonObject(params._meta) && params._meta[SUBSCRIPTION_ID] === this.id;
  }
}

function isEvents(method: unknown): method is string {
  return typeof method === "string" && method.startsWith(NOTIFICATION_PREFIX);
}

/** Whether a frame may go the longer way by the SDK without being overtaken by what it must precede. */
function isHarmless(frame: string, message: JsonObject | undefined): boolean {
  return message === undefined ? COMMENT.test(frame) : !isEvents(message.method);
}

function messageOf(frame: string): JsonObject | undefined {
  const json = FRAME.exec(frame)?.[1];
  if (json === undefined) return undefined;
  try {
    const value: unknown = JSON.parse(json);
    return isJsonObject(value) ? value : undefined;
  } catch {
    return undefined;
  }
}
