const encoder = new TextEncoder();

/** What is signed: id, timestamp and the body as it is on the wire, joined by dots (HOOK-9). */
export function signedContent(
  id: string,
  timestamp: number | string,
  body: string | Uint8Array,
): Uint8Array<ArrayBuffer> {
  if (typeof body === "string") return encoder.encode(`${id}.${timestamp}.${body}`);
  const head = encoder.encode(`${id}.${timestamp}.`);
  const content = new Uint8Array(head.length + body.length);
  content.set(head);
  content.set(body, head.length);
  return content;
}
