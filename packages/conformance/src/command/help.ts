import { CLIENT_CHECK_DEFAULTS as C } from "../client/options";
import { RECEIVER_CHECK_DEFAULTS as R } from "../receiver/options";
import { SERVER_CHECK_DEFAULTS as S } from "../server/options";

export const HELP = `mcp-events-conformance: checks an implementation of MCP Events against the rules of SEP-3415.

  mcp-events-conformance [server] --url URL [options]               a server over Streamable HTTP
  mcp-events-conformance [server] [options] -- COMMAND ARGUMENTS…   a server that is started, and spoken to on stdio
  mcp-events-conformance client [options] -- COMMAND ARGUMENTS…     a client that is started for each check
  mcp-events-conformance receiver --url URL --secret SECRET         a receiver of webhooks

Every run
  --only ID                      a check (PUSH-2.active-first) or a rule (PUSH-2); may be given again
  --patience-ms MS               longest wait for an answer, an event or a delivery
  --json                         print the report as JSON
  --junit FILE                   write the report as JUnit XML, too
  --list                         print the checks, run none
  --help

A server
  --header "Name: value"         sent with every request, such as Authorization; may be given again
  --other-header "Name: value"   headers of a second caller, another principal
  --principal NAME               the caller's name, as the server's tool revoke knows it
  --style auto|modern|session    revision 2026-07-28, or older with initialize (default ${S.style})
  --profile sep-3415|sketch      numbers of the error codes (default ${S.profile})
  --type NAME                    event type that events are awaited of (default the first that fits)
  --arguments JSON               its arguments (default the least that its inputSchema asks for)
  --trigger TOOL                 a tool of the server that causes one event of that type
  --trigger-arguments JSON       the tool's arguments
  --controls                     use the tools of a fixture (emit, revoke, truncate, …) where it has them
  --allowlisted                  the server confirms callback URLs in another way than by a challenge
  --callback URL                 public URL where webhooks arrive, with
  --callback-port PORT           the port of 127.0.0.1 it leads to (default loopback alone)
  --heartbeat-ms MS              how long a quiet stream is watched (default ${S.heartbeatMs})
  --retry-ms MS                  longest wait for a second attempt (default ${S.retryMs})
  --quiet-ms MS                  how long nothing must come where nothing may (default ${S.quietMs})

A client finds the server in MCP_EVENTS_URL, subscribes to MCP_EVENTS_TYPE by MCP_EVENTS_MODE (push or poll), and writes
what its application saw to stdout, one JSON object a line: {"eventId":…}, {"type":"gap"}, {"type":"terminated"}.
  --heartbeat-ms MS              interval of heartbeats that it expects (default ${C.heartbeatMs})
  --quiet-ms MS                  how long nothing must come where nothing may (default ${C.quietMs})
  --next-poll-ms MS              wait between two polls that it is asked for (default ${C.nextPollMs})

A receiver
  --secret SECRET                what it verifies with, whsec_…
  --subscription-id ID           sent as X-MCP-Subscription-Id (default ${R.subscriptionId})
  --type NAME                    event type it awaits (default ${R.type})
  --observed URL                 answers what the application saw: [{"eventId":…}, {"type":"gap"}, …]
  --resequences                  it puts events in order (dev.mcp-events/ordering)

Exit code 0: no check failed. 1: one did. 2: the command line cannot be followed, or the server cannot be reached.
`;
