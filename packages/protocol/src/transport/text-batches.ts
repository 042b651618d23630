import type { Message } from "./contract";

/** Characters after which a batch of text is written before the next is made. */
const BATCH_CHARACTERS = 64 * 1024;

/** A notification as it stands on the wire. */
export function notificationJson(message: Message): string {
  return JSON.stringify({ jsonrpc: "2.0", method: message.method, params: message.params });
}

/**
 * Encodes messages and joins them into texts of about 64 KiB: few writes for many small messages, and no more than one
 * text beyond what the transport can take for large ones.
 */
export function* textBatches(
  messages: readonly Message[],
  encode: (message: Message) => string,
): Generator<string, void, void> {
  let text = "";
  for (const message of messages) {
    text += encode(message);
    if (text.length < BATCH_CHARACTERS) continue;
    yield text;
    text = "";
  }
  if (text !== "") yield text;
}
