import type { JsonObject } from "@mcp-events/protocol";
import type { Link } from "./link";

/** What receives posts at a URL. */
export interface Endpoint {
  readonly link: Link;
  /** Answers with a status; `undefined` when its process ended meanwhile. */
  receive(url: string, body: JsonObject, secrets: readonly string[]): Promise<number | undefined>;
}

/** Who receives what is posted, by URL. */
export class Web {
  readonly #endpoints = new Map<string, Endpoint>();
  readonly #latest = new Map<string, number>();

  /** The endpoint at the URL: its own, or that of the machine. */
  at(url: string): Endpoint | undefined {
    return this.#endpoints.get(new URL(url).host);
  }

  /** Receives everything posted to a machine; the returned function stops it. */
  listen(host: string, endpoint: Endpoint): () => void {
    this.#endpoints.set(host, endpoint);
    return () => {
      if (this.#endpoints.get(host) === endpoint) this.#endpoints.delete(host);
    };
  }

  /** Whether a post arrives after one that left later. */
  arrived(url: string, attempt: number): boolean {
    const latest = this.#latest.get(url) ?? 0;
    this.#latest.set(url, Math.max(latest, attempt));
    return attempt < latest;
  }
}
