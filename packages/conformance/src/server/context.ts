import { METHODS, WIRE_CODES, type WireErrorName } from "@mcp-events/protocol";
import { isObject, must, needs, same, show, type Wire } from "../kit/expect";
import { pause } from "../kit/within";
import { type Hook, newSecret, type Posted } from "./hook";
import type { ServerSession } from "./session";
import { findSubject, noEvents, provoke, type Subject, type Wanted } from "./subject";
import { connect } from "./wire/connect";
import type { Connection } from "./wire/connection";
import type { Incoming } from "./wire/incoming";

/** Longest pause between two polls of a check, in milliseconds, whatever `nextPollMs` says. */
const MAX_POLL_PAUSE_MS = 1_000;

const isEvent = ({ body }: Posted): boolean => body?.eventId !== undefined;

/** What a check sees of the server under test. What it opens is closed when the check is over. */
export class ServerContext {
  readonly #closers: (() => Promise<unknown> | unknown)[] = [];

  constructor(readonly session: ServerSession) {}

  get settings() {
    return this.session.settings;
  }

  get connection(): Connection {
    return this.session.connection;
  }

  /** An event type to look at. @throws Untestable when no type fits. */
  subject(wanted: Wanted): Promise<Subject> {
    return findSubject(this.session, wanted);
  }

  /** Lets events of the subject happen. */
  provoke(subject: Subject, count = 1): Promise<void> {
    return provoke(this.session, subject, count);
  }

  /** Calls a tool of the fixture. @throws Untestable when it is not offered, or fails. */
  async control(name: string, args: Wire): Promise<Wire> {
    this.needControl(name);
    const answer = await this.session.call(name, args);
    needs(answer !== undefined, `the tool ${name} failed`);
    return answer;
  }

  /** @throws Untestable unless the fixture's tool is offered. */
  needControl(name: string): void {
    needs(this.session.hasControl(name), `it takes a tool ${name} of the server (--controls)`);
  }

  /** The result of a request that has to succeed. */
  async ok(method: string, params: Wire = {}): Promise<Wire> {
    const answer = await this.connection.request(method, params);
    must(isObject(answer?.result), `${method} ${show(params)}: no result but ${show(answer?.error)}`);
    return answer.result;
  }

  /** A poll of the subject, from now unless a cursor is given. */
  poll(subject: Subject, params: Wire = {}): Promise<Wire> {
    return this.ok(METHODS.poll, {
      name: subject.name,
      arguments: subject.arguments,
      cursor: null,
      ...params,
    });
  }

  /** The position "now" of a subject that replays. @throws Untestable when it does not replay. */
  async now(subject: Subject): Promise<string> {
    const { cursor } = await this.poll(subject);
    needs(typeof cursor === "string", `${subject.name} does not replay`);
    return cursor;
  }

  /** Polls from a cursor until `count` events came. */
  async pollEvents(subject: Subject, from: string, count: number, params: Wire = {}): Promise<Wire[]> {
    const end = performance.now() + this.settings.patienceMs;
    const events: Wire[] = [];
    let cursor = from;
    while (events.length < count) {
      if (performance.now() > end) throw noEvents(subject, this.settings.patienceMs);
      const page = await this.poll(subject, { ...params, cursor });
      must(Array.isArray(page.events), `events is no array: ${show(page.events)}`);
      events.push(...page.events);
      cursor = page.cursor ?? cursor;
      if (page.events.length === 0)
        await pause(Math.min(page.nextPollMs ?? 0, MAX_POLL_PAUSE_MS, 50 + count));
    }
    return events;
  }

  /** Opens `events/stream`; cancelled when the check is over. */
  async stream(subject: Subject, params: Wire = {}): Promise<Incoming> {
    const whole = { name: subject.name, arguments: subject.arguments, ...params };
    return this.track(await this.connection.stream(METHODS.stream, whole));
  }

  /** Opens a stream and waits until it is active; the params of `active`. */
  async activeStream(subject: Subject, params: Wire = {}): Promise<{ stream: Incoming; active: Wire }> {
    const stream = await this.stream(subject, params);
    const { params: active } = await stream.next(this.settings.patienceMs, "active");
    return { stream, active };
  }

  /** The next `count` events of a stream. */
  async streamed(subject: Subject, stream: Incoming, count: number): Promise<Wire[]> {
    const events: Wire[] = [];
    while (events.length < count) {
      const isEvent = ({ method }: Wire) => method === "notifications/events/event";
      const message = await stream.inbox.tryNext(this.settings.patienceMs, isEvent);
      if (message === undefined) throw noEvents(subject, this.settings.patienceMs);
      events.push(message.params);
    }
    return events;
  }

  /** Cancels a long request when the check is over. */
  track(incoming: Incoming): Incoming {
    this.onClose(() => incoming.cancel());
    return incoming;
  }

  /** A connection of another caller, closed when the check is over. */
  async connectAs(headers: Readonly<Record<string, string>>): Promise<Connection> {
    const { target, settings } = this.session;
    needs("url" in target, "over stdio there is one caller only");
    const { style } = this.connection;
    const connection = await connect(
      { url: target.url, headers },
      { style, patienceMs: settings.patienceMs },
    );
    this.onClose(() => connection.close());
    return connection;
  }

  /** A callback URL of its own. */
  async hook(): Promise<Hook> {
    return (await this.session.hooks()).hook();
  }

  /** Parameters of `events/subscribe`. */
  subscription(subject: Subject, hook: Hook, secret = newSecret(), params: Wire = {}): Wire {
    const { delivery, ...rest } = params;
    const { name, arguments: args } = subject;
    return {
      name,
      arguments: args,
      delivery: { mode: "webhook", url: hook.url, secret, ...delivery },
      ...rest,
    };
  }

  /**
   * Subscribes by webhook; unsubscribed when the check is over.
   *
   * @throws Untestable when the server refuses the caller, or the callback URL of the check's own receiver.
   */
  async subscribe(params: Wire): Promise<Wire> {
    const { name, arguments: args, delivery } = params;
    this.onClose(() =>
      this.connection.request(METHODS.unsubscribe, {
        name,
        arguments: args,
        delivery: { url: delivery.url },
      }),
    );
    const { result, error } = await this.connection.request(METHODS.subscribe, params);
    needs(
      error?.code !== this.code("Forbidden"),
      "the server takes no webhooks of this caller; give it a principal (--header)",
    );
    needs(
      error?.code !== this.code("InvalidParams") || delivery.url.startsWith("https:"),
      `the server takes no callback on loopback (${show(error)}); start it with its switch for development, or give --callback`,
    );
    must(isObject(result), `events/subscribe: no result but ${show(error)}`);
    return result;
  }

  /** Lets one event happen; its delivery. */
  async delivery(subject: Subject, hook: Hook): Promise<Posted> {
    await this.provoke(subject);
    return this.posted(subject, hook);
  }

  /** The next that is posted because of an event. */
  async posted(
    subject: Subject,
    hook: Hook,
    accept: (posted: Posted) => boolean = () => true,
  ): Promise<Posted> {
    const posted = await hook.posts.tryNext(this.settings.patienceMs, accept);
    if (posted === undefined) throw noEvents(subject, this.settings.patienceMs);
    return posted;
  }

  /** The bodies of the next `count` events that were delivered, each event once. */
  async delivered(subject: Subject, hook: Hook, count: number): Promise<Wire[]> {
    const bodies = new Map<string, Wire>();
    while (bodies.size < count) {
      const posted = await this.posted(subject, hook, isEvent);
      bodies.set(posted.body.eventId, posted.body);
    }
    return [...bodies.values()];
  }

  /** The next control envelope of a type. */
  envelope(hook: Hook, type: string): Promise<Posted> {
    const isEnvelope = ({ body }: Posted) => body?.type === type;
    return hook.posts.next(this.settings.patienceMs, `a ${type} envelope`, isEnvelope);
  }

  /** Waits for what must not come. */
  quiet(): Promise<void> {
    return pause(this.settings.quietMs);
  }

  code(name: WireErrorName): number {
    return WIRE_CODES[this.settings.profile][name];
  }

  /** The answer has to be that error. */
  mustFail(answer: Wire, name: WireErrorName, data?: Record<string, unknown>): void {
    this.mustBeError(answer?.error, name, data);
  }

  /** The error object has to be that error. */
  mustBeError(error: Wire, name: WireErrorName, data: Record<string, unknown> = {}): void {
    const code = this.code(name);
    must(error?.code === code, `expected ${name} (${code}), got ${show(error ?? "a result")}`);
    must(typeof error.message === "string", `${name} has no message`);
    for (const [key, value] of Object.entries(data)) same(error.data?.[key], value, `${name}: data.${key}`);
  }

  /** Runs `fn` when the check is over; the last first. */
  onClose(fn: () => Promise<unknown> | unknown): void {
    this.#closers.push(fn);
  }

  async close(): Promise<void> {
    for (const fn of this.#closers.reverse()) await Promise.resolve(fn()).catch(() => {});
  }
}
