import type { ClientLink, McpTransport } from "@mcp-events/protocol";
import { type Fetch, StreamFetch } from "./stream-fetch";

/** A client transport of either SDK line that sends each request by a POST of its own. */
interface HttpClientTransport extends McpTransport {
  /** v2: aborts and reports the exchange of a single request, when asked to. */
  readonly hasPerRequestStream?: boolean;
  /** The `fetch` of the transport's options, if one was given; read at each request. */
  _fetch?: Fetch | undefined;
}

/** Whether a client's transport is Streamable HTTP of a known SDK. */
export function isHttpClient(transport: McpTransport): transport is HttpClientTransport {
  const { hasPerRequestStream } = transport as HttpClientTransport;
  return hasPerRequestStream === true || ("_fetch" in transport && "_url" in transport);
}

/** Follows the streams of one client: by the transport's own means in v2, by its `fetch` in v1. */
export function connectClient(transport: HttpClientTransport): ClientLink {
  const perRequest = transport.hasPerRequestStream === true;
  const streams = new StreamFetch(!perRequest);
  if ("_fetch" in transport) {
    const base = transport._fetch;
    transport._fetch = (url, init) => streams.fetch(base ?? fetch, url, init);
  }
  return {
    openStream(requestId, stream) {
      streams.add(requestId, stream);
      return perRequest ? { requestSignal: stream.signal, onRequestStreamEnd: () => stream.onEnd() } : {};
    },
  };
}
