import { held, type Requirements } from "./requirement";

/** Discovery, polling, streams and authorization. */
export const WIRE_REQUIREMENTS: Requirements = {
  "CAP-1": held("The server declares the events extension among its capabilities, with listChanged"),
  "CAP-2": held("The server also declares a top-level events capability, for clients that look there"),
  "CAP-3": held("The client declares the extension, and asks nothing of a server that declares neither form"),
  "CAP-4": held("A server without events answers method not found"),
  "CAP-5": held(
    "Every result says resultType complete; older protocol revisions are served with the same methods",
  ),

  "LIST-1": held(
    "The list of event types is paginated; a pagination cursor that makes no sense is invalid params",
  ),
  "LIST-2": held("A descriptor has name, description, delivery modes, both JSON Schemas, and may have _meta"),
  "LIST-3": held("A change of the set or of a descriptor at run time is notified"),
  "LIST-4": held(
    "Additive changes leave subscriptions alone; removal and breaking changes end them with a reason",
  ),

  "OCC-1": held("An occurrence has eventId, name, timestamp and data, and may have cursor and _meta"),
  "OCC-2": held(
    "The eventId is the author's own, the same on every path; one is made only when none is given",
  ),
  "OCC-3": held("A body over 256 KiB is refused when it is emitted"),

  "CUR-1": held("A cursor is opaque; absent and null mean the same"),
  "CUR-2": held("Null asks for what happens from now on and is answered with a fresh cursor"),
  "CUR-3": held("An event type always has cursors or never; a client keeps no null"),
  "CUR-4": held("Cursors advance while nothing happens"),
  "CUR-5": held("maxAgeMs limits how far a replay reaches back, and says truncated when it cut"),
  "CUR-6": held(
    "truncated is the one sign that events were skipped; bad cursors are treated so, never as errors",
  ),

  "POLL-1": held("A poll answers with events, cursor, truncated, hasMore and nextPollMs"),
  "POLL-2": held("Polling needs no subscribe and nothing remembered between polls"),
  "POLL-3": held("maxEvents and the server's caps end a page with hasMore and an intermediate cursor"),
  "POLL-4": held(
    "The client polls again at once on hasMore, else after nextPollMs, never sooner than its floor",
  ),
  "POLL-5": held("Refusals are plain JSON-RPC errors with the contract's codes"),
  "POLL-6": held("A lease for each polled key drives onSubscribe and onUnsubscribe"),
  "POLL-7": held("Long polling, when turned on, answers at the first event or empty after timeoutMs"),

  "PUSH-1": held(
    "A subscription is one long-lived request; what is invalid is refused before a stream exists",
  ),
  "PUSH-2": held("active comes first, replay included after it; each event carries the position after it"),
  "PUSH-3": held("Every message carries the request's id"),
  "PUSH-4": held("Heartbeats come at least every interval with the position read up to"),
  "PUSH-5": held("A recoverable error leaves the stream open; terminated ends it"),
  "PUSH-6": held("A gap in mid-stream is a fresh active with truncated"),
  "PUSH-7": held(
    "Abort, disconnect and cancel end delivery and release everything; a server's end is a final result",
  ),
  "PUSH-8": held(
    "A stream carries its own subscription only, exempt from request timeouts and caps on concurrency",
  ),
  "PUSH-9": held("A client takes silence for two intervals as death and reconnects from its last cursor"),

  "AUTH-1": held("The author's authorize is asked when a subscription begins, in every mode"),
  "AUTH-2": held("It is asked again while a subscription lives; a no ends it"),
  "AUTH-3": held("Limits for each principal and in all are checked before onSubscribe runs"),
};
