import { METHODS } from "@mcp-events/protocol";
import { withServer } from "../connect/server";
import type { Context } from "../context";
import { withEvents } from "../events";
import { EXIT_CODES } from "../exit-codes";
import { CliError } from "../failures/cli-error";
import { placeOf } from "../failures/connect-failure";
import { safeJson } from "../format/safe-text";
import { origin } from "../options/listen";
import type { Target } from "../options/target";
import { startingCursor } from "../starting-point";
import { planProblems } from "./plan";
import { type OnceOptions, onceParams } from "./subscribe-once";
import { callbackOf, type WebhookRequest } from "./webhook-request";

/**
 * Says what `subscribe` would do. It connects and lists, and sends nothing else.
 *
 * @throws CliError (failed) when something would keep it from working.
 */
export async function dryRun(context: Context, request: WebhookRequest, options: OnceOptions): Promise<void> {
  const { out, styles } = context;
  const { from, ttl, json } = options;
  await withServer(context, options, async (server) => {
    const types = await withEvents(context, server, {}, (events) => events.list());
    const problems = planProblems({
      name: request.name,
      descriptor: types.find(({ name }) => name === request.name),
      callback: callbackOf(request),
      authenticated: isAuthenticated(server.target),
    });
    const cursor = await startingCursor(server, request, from, context.signal);
    const params = onceParams(request, "whsec_… (made when it is done)", cursor, ttl);
    const listen = request.listen === undefined ? undefined : origin(request.listen);
    const plan = { server: placeOf(server.target), listen, method: METHODS.subscribe, params, problems };
    if (json) await out.line(safeJson(plan));
    else {
      await out.line(`would ask     ${plan.server}`);
      if (listen !== undefined)
        await out.line(`would listen  ${listen}, with a path of its own below the callback`);
      await out.line(`would send    ${METHODS.subscribe} ${safeJson(params)}`);
      for (const problem of problems) await out.line(styles.bad(`problem       ${problem}`));
    }
    if (problems.length > 0) {
      const message = `this would not work: ${problems.length} problem${problems.length > 1 ? "s" : ""}`;
      throw new CliError(EXIT_CODES.failed, message);
    }
  });
}

/** Whether requests may carry credentials: any header may be one. `undefined` over stdio, where nobody sends any. */
export function isAuthenticated(target: Target): boolean | undefined {
  return target.kind === "http" ? Object.keys(target.headers).length > 0 : undefined;
}
