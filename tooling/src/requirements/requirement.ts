/** One clause of the contracts in `docs/specification/events.md`, `docs/protocol.md` and `docs/ordering-rules.md`. */
export interface Requirement {
  /** In one line, in our words. The full text stands in the documents. */
  statement: string;
  /** `held`: built, and a test's title names it. `later`: comes with other work. */
  status: "held" | { later: string };
}

/** Requirements by id. */
export type Requirements = Readonly<Record<string, Requirement>>;

/** A requirement that is built. */
export const held = (statement: string): Requirement => ({ statement, status: "held" });

/** A requirement that is still to come, and with which work. */
export const later = (work: string, statement: string): Requirement => ({
  statement,
  status: { later: work },
});
