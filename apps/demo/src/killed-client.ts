import { type ConnectedClient, connectHttp, type SdkLine } from "./clients/connect";
import { type ClientProgress, PathClient, type Subscribing } from "./clients/path-client";
import { withRetries } from "./clients/with-retries";
import { leaveInterruptsToParent } from "./processes";

/** What the process is told: one JSON argument. */
export interface KilledClientConfig {
  readonly sdk: SdkLine;
  readonly url: string;
  readonly subscribing: Subscribing;
}

/** What the process tells its parent. */
export type KilledClientMessage =
  | { readonly kind: "ready" }
  | ({ readonly kind: "progress" } & ClientProgress);

/** An HTTP client in a process of its own, so that it can be killed at any moment. */
async function main({ sdk, url, subscribing }: KilledClientConfig): Promise<void> {
  leaveInterruptsToParent();
  const tell = (message: KilledClientMessage) => process.send?.(message);
  process.once("disconnect", () => process.exit(0));
  const connected: ConnectedClient = await withRetries(() => connectHttp(sdk, new URL(url)));
  const client = new PathClient(connected, subscribing);
  const report = () => tell({ kind: "progress", ...client.progress });
  setInterval(report, 200);
  await client.run(() => tell({ kind: "ready" }), report);
}

main(JSON.parse(process.argv[2] ?? "")).catch((error: unknown) => {
  process.stderr.write(`killed-client: ${error instanceof Error ? error.stack : String(error)}\n`);
  process.exit(1);
});
