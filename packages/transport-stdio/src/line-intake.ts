import {
  isJsonObject,
  type Message,
  NOTIFICATION_PREFIX,
  type OutgoingStream,
  type RequestId,
  SUBSCRIPTION_ID,
} from "@mcp-events/protocol";
import type { ReadBuffer } from "./recognise";

/** How a line of a stream begins as both SDK lines, and this adapter, write it. */
const START = `{"jsonrpc":"2.0","method":"${NOTIFICATION_PREFIX}`;

/** The streams of one client by the id of their request. */
export type Streams = Map<RequestId, OutgoingStream>;

/**
 * Takes the lines of these streams out of the buffer that the SDK reads stdout from, each as it becomes the next one, so
 * that the order stays. All other lines, and those written in any other way, are left to the SDK.
 */
export function takeLines(buffer: ReadBuffer, streams: Streams): void {
  const readMessage = buffer.readMessage.bind(buffer);
  buffer.readMessage = () => {
    while (streams.size > 0 && takeLine(buffer, streams));
    const message = readMessage();
    // The response to a stream's request, after which nothing of it comes.
    if (isJsonObject(message) && message.method === undefined) streams.delete(message.id as RequestId);
    return message;
  };
}

/** Whether the next line was one of a stream; then it is taken. */
function takeLine(buffer: ReadBuffer, streams: Streams): boolean {
  const bytes = buffer._buffer;
  if (bytes === undefined || bytes.toString("latin1", 0, START.length) !== START) return false;
  const end = bytes.indexOf("\n");
  const line = end === -1 ? undefined : parse(bytes.toString("utf8", 0, end));
  if (line === undefined) return false;
  const stream = streams.get(line.subscription);
  if (stream?.take === undefined) return false;
  buffer._buffer = bytes.subarray(end + 1);
  stream.take(line.message);
  return true;
}

function parse(line: string): { message: Message; subscription: RequestId } | undefined {
  try {
    const { id, method, params } = JSON.parse(line);
    if (id !== undefined || !isJsonObject(params) || !isJsonObject(params._meta)) return undefined;
    return { message: { method, params }, subscription: params._meta[SUBSCRIPTION_ID] as RequestId };
  } catch {
    return undefined;
  }
}
