import { readFileSync } from "node:fs";
import { EVERYTHING_DEFAULTS as D, LOG_LEVELS } from "./options";
import { STORE_URLS } from "./store";

export const HELP = `mcp-events-everything: an MCP server that shows every part of MCP Events.

  mcp-events-everything --http PORT [options]     serve Streamable HTTP on 127.0.0.1 (0 picks a free port)
  mcp-events-everything --stdio [options]         speak MCP on stdin and stdout

Over HTTP the first line of stdout is JSON: {"url":"http://127.0.0.1:PORT/mcp", …}. Bearer tokens alice-token and
bob-token are the principals alice and bob; without a token a caller is anonymous; other tokens are refused.

  --sdk v1|v2                        MCP SDK line that serves (default ${D.sdk})
  --profile sep-3415|sketch          numbers of the error codes (default ${D.profile})
  --principal NAME                   principal of the stdio client (default anonymous)
  --data FILE                        keep log and webhook subscriptions in this file (default: in memory)
  --watch DIR                        report changes below DIR as file.changed
  --heartbeat-ms MS                  longest silence of a push stream (default ${D.heartbeatMs})
  --store URL                        a store that processes share: ${STORE_URLS.join(" or ")}
  --replicas                         other processes serve the same events; refused without a store that is shared
  --owner-ttl-ms MS                  when a silent replica's webhook subscriptions go to another (default ${D.ownerTtlMs})
  --retention-events N               entries each log keeps (default ${D.retentionEvents})
  --next-poll-ms MS                  how long pollers are told to wait (default ${D.nextPollMs})
  --long-poll-ms MS                  longest a poll with timeoutMs is held (default ${D.longPollMs}, 0 = never)
  --reauthorize-ms MS                how often live subscriptions are authorised again (default ${D.reauthorizeMs})
  --subscriptions-per-principal N    limit for each principal (default ${D.subscriptionsPerPrincipal})
  --allow-loopback-webhooks          post webhooks to this machine, over plain http too (development only)
  --webhook-retry-ms MS              wait after the first failed attempt (default ${D.webhooks.firstRetryMs})
  --webhook-retry-factor N           how many times as long each further wait is (default ${D.webhooks.retryFactor})
  --webhook-attempts N               attempts at one event before it is given up (default ${D.webhooks.maxAttempts})
  --webhook-timeout-ms MS            time limit of one attempt (default ${D.webhookTimeoutMs})
  --webhook-min-ttl-ms MS            shortest lifetime granted (default ${D.webhooks.minTtlMs})
  --webhook-id event|message         what webhook-id of an event is (default ${D.webhooks.webhookId})
  --webhook-identity                 sign with an ed25519 key too; published at /.well-known/mcp-webhook-jwks.json
  --on-exhausted skip|suspend        when attempts are used up: tell by a gap and go on, or stop (default ${D.webhooks.onExhausted})
  --conformance-controls             offer the draft conformance suite's diagnostic tools
  --log-level ${LOG_LEVELS.join("|")}   what goes to stderr (default ${D.logLevel})
  --help, --version
`;

/** Version of this app, from its package.json. */
export const VERSION: string = JSON.parse(
  readFileSync(new URL("../package.json", import.meta.url), "utf8"),
).version;
