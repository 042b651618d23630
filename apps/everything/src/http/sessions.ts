import type { IncomingMessage, ServerResponse } from "node:http";

/** An MCP transport of either SDK line that serves one session. */
export interface SessionTransport {
  handleRequest(req: IncomingMessage, res: ServerResponse, body?: unknown): Promise<void>;
  close(): Promise<void>;
}

interface Session {
  readonly transport: SessionTransport;
  /** Who opened it; `null`: anybody may use it, each request with its own rights. */
  readonly owner: string | null;
  inFlight: number;
  lastUsed: number;
}

const SESSION_DEFAULTS = {
  /** Most sessions open at once. */
  maxSessions: 10_000,
  /** How long a session without an open request is kept, in milliseconds. */
  idleMs: 600_000,
} as const;

/** The sessions of clients that speak a revision before 2026-07-28. */
export class Sessions {
  readonly #sessions = new Map<string, Session>();

  constructor(
    private readonly options: { readonly maxSessions: number; readonly idleMs: number } = SESSION_DEFAULTS,
  ) {}

  get size(): number {
    return this.#sessions.size;
  }

  /** Keeps a session under the id its transport gave it. */
  add(id: string, transport: SessionTransport, owner: string | null): void {
    this.#sessions.set(id, { transport, owner, inFlight: 0, lastUsed: Date.now() });
  }

  remove(id: string): void {
    this.#sessions.delete(id);
  }

  /** The session's transport; `undefined` when there is none, or it is somebody else's. */
  find(id: string, principal: string | null): SessionTransport | undefined {
    const session = this.#sessions.get(id);
    if (session === undefined) return undefined;
    return session.owner === null || session.owner === principal ? session.transport : undefined;
  }

  /** Keeps the session while the response is open. */
  hold(id: string, res: ServerResponse): void {
    const session = this.#sessions.get(id);
    if (session === undefined) return;
    session.inFlight += 1;
    res.once("close", () => {
      session.inFlight -= 1;
      session.lastUsed = Date.now();
    });
  }

  /** Makes room for one more session; false when every one is in use. */
  async makeRoom(): Promise<boolean> {
    await this.sweep();
    if (this.size < this.options.maxSessions) return true;
    const idle = [...this.#sessions].filter(([, session]) => session.inFlight === 0);
    const [oldest] = idle.sort(([, a], [, b]) => a.lastUsed - b.lastUsed);
    if (oldest === undefined) return false;
    await this.#close(...oldest);
    return true;
  }

  /** Closes the sessions that were idle too long. */
  async sweep(): Promise<void> {
    const deadline = Date.now() - this.options.idleMs;
    const dead = [...this.#sessions].filter(([, s]) => s.inFlight === 0 && s.lastUsed < deadline);
    await Promise.all(dead.map((entry) => this.#close(...entry)));
  }

  async closeAll(): Promise<void> {
    await Promise.all([...this.#sessions].map((entry) => this.#close(...entry)));
  }

  async #close(id: string, session: Session): Promise<void> {
    this.#sessions.delete(id);
    await session.transport.close();
  }
}
