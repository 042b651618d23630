import type { DeliveryMode } from "@mcp-events/protocol";
import { Untestable, Violation } from "../kit/check";
import { isObject, needs, type Wire } from "../kit/expect";
import { exampleOf } from "./example";
import { validatorOf } from "./json-schema";
import type { ServerSession } from "./session";

/** The subscription that a check looks at. */
export interface Subject {
  readonly name: string;
  readonly arguments: Record<string, Wire>;
  readonly descriptor: Wire;
  /** Where its events come from: the fixture's tool `emit`, a tool of the server, or whatever happens there. */
  readonly source: "emit" | "trigger" | "itself";
}

/** What a check asks of a subject. */
export interface Wanted {
  readonly mode: DeliveryMode;
  /** A second mode that has to be offered too. */
  readonly also?: DeliveryMode | undefined;
}

/**
 * Finds an event type to look at: the one that the options name, else the first that replays and can be emitted, else
 * the first that replays, else the first.
 *
 * @throws Untestable when no type fits.
 */
export async function findSubject(session: ServerSession, wanted: Wanted): Promise<Subject> {
  const { settings, types } = session;
  const modes = [wanted.mode, wanted.also].filter((mode) => mode !== undefined);
  const offering = [...types.values()].filter((type) => modes.every((mode) => offers(type, mode)));
  const candidates = offering.flatMap((descriptor) => {
    const args = argumentsFor(session, descriptor);
    return isObject(args) ? [{ name: descriptor.name, arguments: args, descriptor }] : [];
  });
  const chosen = candidates.find(({ name }) => name === settings.type);
  if (settings.type !== undefined && chosen !== undefined) {
    const emits = settings.trigger === undefined && (await session.emits(chosen.name));
    const itself = settings.trigger === undefined ? "itself" : "trigger";
    return { ...chosen, source: emits ? "emit" : itself };
  }
  const replaying: typeof candidates = [];
  for (const candidate of candidates) {
    if (!(await session.replays(candidate.name, candidate.arguments))) continue;
    if (await session.emits(candidate.name)) return { ...candidate, source: "emit" };
    replaying.push(candidate);
  }
  const [first] = [...replaying, ...candidates];
  needs(
    first !== undefined,
    `no event type offers ${modes.join(" and ")} with arguments that can be guessed`,
  );
  return { ...first, source: "itself" };
}

/** Whether an event type offers a mode. */
export function offers(type: Wire, mode: DeliveryMode): boolean {
  return Array.isArray(type?.delivery) && type.delivery.includes(mode);
}

/**
 * Parameters that are good but for the mode, for a type that does not offer it.
 *
 * @throws Untestable when there is no such type, or its arguments cannot be guessed.
 */
export function notOffering(
  session: ServerSession,
  mode: DeliveryMode,
): { readonly name: string; readonly arguments: Wire } {
  const found = [...session.types.values()]
    .filter((type) => !offers(type, mode))
    .map((type) => ({ name: type.name, arguments: argumentsFor(session, type) }));
  needs(found.length > 0, `every event type offers ${mode}`);
  const good = found.find(({ arguments: args }) => isObject(args));
  needs(good !== undefined, `no event type without ${mode} has arguments that can be guessed`);
  return good;
}

function argumentsFor({ settings }: ServerSession, { name, inputSchema }: Wire): Wire {
  return name === settings.type && settings.arguments !== undefined
    ? settings.arguments
    : (exampleOf(inputSchema) ?? (takesNothing(inputSchema) ? {} : undefined));
}

/** Whether a schema takes an object without properties. */
function takesNothing(schema: Wire): boolean {
  try {
    return isObject(schema) && validatorOf(schema, "inputSchema")({}) === undefined;
  } catch {
    return false;
  }
}

/** Lets `count` events of the subject happen; those of an upstream of its own happen by themselves. */
export async function provoke(session: ServerSession, subject: Subject, count: number): Promise<void> {
  if (subject.source === "itself") return;
  if (subject.source === "emit") {
    const data = exampleOf(subject.descriptor.payloadSchema) ?? {};
    const done = await session.call("emit", { name: subject.name, data, count });
    if (done === undefined) throw new Untestable(`the tool emit did not emit ${subject.name}`);
    return;
  }
  const { tool = "", arguments: args = {} } = session.settings.trigger ?? {};
  for (let call = 0; call < count; call += 1) {
    if ((await session.call(tool, args)) === undefined) throw new Untestable(`the tool ${tool} failed`);
  }
}

/** What it means that awaited events did not come: a fault, unless nobody knows that any happened. */
export function noEvents(subject: Subject, waitedMs: number): Error {
  const what = `no event of ${subject.name} came within ${waitedMs} ms`;
  if (subject.source !== "itself") return new Violation(`${what}, though some happened`);
  return new Untestable(`${what}; name a type that fires, or a tool that triggers one (--type, --trigger)`);
}
