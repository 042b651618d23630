/** What a violation is called in the model, and what holds when there is none. */
export const PROPERTIES = {
  "ORD-1": "The handler is done with the events of a lane in their order.",
  "ORD-2": "Before it is done with one, it is done with every earlier one of the lane, or with its gap.",
  "ORD-3": "It is done with no event twice, as long as the receiver lives or its position is stored.",
  "RULE-11": "An event is given up only after as many failures of its own as there are attempts.",
  "RULE-13":
    "The handler knows of everything at or before the watermark; only what strict order lets go is excepted.",
  "RULE-14": "A gap stands for an event that was given up and written down, and for no other.",
  "RULE-20": "What is answered 2xx is committed, and stored where there is a store.",
  SETTLED: "At the end all is settled and stored; all is committed, or was given up and its gap told.",
  ENDS: "Every schedule comes to its end: no livelock, whatever is preferred.",
} as const;

export type Property = keyof typeof PROPERTIES;

/** One set of bounds under which every schedule is looked at. */
export interface Configuration {
  readonly name: string;
  /** What it is about. */
  readonly about: string;
  /** One lane, or one for each of two keys. */
  readonly lanes: "subscription" | "key";
  /** Posts in flight at most; 0: strict order. */
  readonly window: 0 | 2 | 3;
  readonly events: 3 | 4;
  /** Faults at most, of whatever kinds. */
  readonly faults: number;
  /** Failed attempts after which an event is given up. */
  readonly tries: 1 | 2;
  readonly receiver?: "NO_STORE" | "PLAIN";
}

export const CONFIGURATIONS: readonly Configuration[] = [
  { name: "strict", about: "one line", lanes: "subscription", window: 0, events: 4, faults: 3, tries: 1 },
  {
    name: "strict, retries",
    about: "retries",
    lanes: "subscription",
    window: 0,
    events: 3,
    faults: 4,
    tries: 2,
  },
  {
    name: "strict, keys",
    about: "a line for each key",
    lanes: "key",
    window: 0,
    events: 3,
    faults: 2,
    tries: 1,
  },
  {
    name: "plain",
    about: "a receiver that hands out on arrival; nothing arrives late",
    lanes: "subscription",
    window: 0,
    events: 4,
    faults: 3,
    tries: 2,
    receiver: "PLAIN",
  },
  {
    name: "plain, keys",
    about: "the same with keys",
    lanes: "key",
    window: 0,
    events: 4,
    faults: 3,
    tries: 2,
    receiver: "PLAIN",
  },
  { name: "window", about: "resequencing", lanes: "subscription", window: 2, events: 3, faults: 2, tries: 1 },
  {
    name: "window, retries",
    about: "retries, pauses, refusals",
    lanes: "subscription",
    window: 2,
    events: 3,
    faults: 3,
    tries: 2,
  },
  {
    name: "window, full buffer",
    about: "more in flight than the receiver holds",
    lanes: "subscription",
    window: 3,
    events: 3,
    faults: 2,
    tries: 1,
  },
  {
    name: "window, no store",
    about: "a receiver that begins anew",
    lanes: "subscription",
    window: 2,
    events: 3,
    faults: 2,
    tries: 1,
    receiver: "NO_STORE",
  },
  {
    name: "window, keys",
    about: "handing out ahead",
    lanes: "key",
    window: 2,
    events: 3,
    faults: 2,
    tries: 1,
  },
  {
    name: "window, keys, no store",
    about: "ahead, and anew",
    lanes: "key",
    window: 2,
    events: 3,
    faults: 2,
    tries: 1,
    receiver: "NO_STORE",
  },
  {
    name: "window, 4 events",
    about: "two of each key",
    lanes: "key",
    window: 2,
    events: 4,
    faults: 2,
    tries: 1,
  },
];

/** One rule switched off: the model has to break, and by the property that is named. */
export interface Control {
  /** The switch in the model. */
  readonly name: string;
  /** The rule of the ordering contract. */
  readonly rule: string;
  /** What is done instead. */
  readonly instead: string;
  readonly breaks: Property;
  /** The configuration that it is switched off in. */
  readonly on: string;
}

export const CONTROLS: readonly Control[] = [
  {
    name: "FIFO_OVERTAKES",
    rule: "10",
    instead: "in strict order the next is posted while one waits to be tried again",
    breaks: "ORD-1",
    on: "plain",
  },
  {
    name: "BEHIND_COUNTS",
    rule: "11",
    instead: "a 503 to something posted behind an unsettled event counts as an attempt",
    breaks: "RULE-11",
    on: "window, retries",
  },
  {
    name: "REFUSED_AT_ONCE",
    rule: "11",
    instead: "what was refused behind an unsettled event is posted again at once",
    breaks: "ENDS",
    on: "window, full buffer",
  },
  {
    name: "WATERMARK_MAXIMUM",
    rule: "13",
    instead: "the watermark is the greatest accepted number",
    breaks: "RULE-13",
    on: "window, keys",
  },
  {
    name: "SETTLE_ON_POST",
    rule: "13",
    instead: "an event is settled when it is posted",
    breaks: "RULE-13",
    on: "window",
  },
  {
    name: "GAP_WITHOUT_RECORD",
    rule: "14",
    instead: "the gap goes out before the dead letter is written",
    breaks: "RULE-14",
    on: "window",
  },
  {
    name: "GAP_WITHOUT_PLACE",
    rule: "14",
    instead: "a gap names a position only, and everything before it counts as lost",
    breaks: "RULE-14",
    on: "window",
  },
  {
    name: "GAP_LET_GO",
    rule: "14",
    instead: "a gap to a resequencing receiver is itself given up",
    breaks: "SETTLED",
    on: "window",
  },
  {
    name: "BEGIN_AT_PREV",
    rule: "16",
    instead: "a receiver without a position begins at the `prev` of what comes first",
    breaks: "ORD-2",
    on: "window, no store",
  },
  {
    name: "YES_TO_DUPLICATE",
    rule: "17",
    instead: "a copy of what is with the handler is accepted at once",
    breaks: "RULE-20",
    on: "window",
  },
  {
    name: "ONLY_P",
    rule: "17",
    instead: "duplicates are told by `P` alone, without the intervals ahead of it",
    breaks: "ORD-3",
    on: "window, keys",
  },
  {
    name: "AHEAD_TOO_SMALL",
    rule: "18",
    instead: "the receiver takes fewer intervals ahead of `P` than the sender has entries unsettled",
    breaks: "RULE-11",
    on: "window, 4 events",
  },
  {
    name: "NO_PREV_CHECK",
    rule: "18",
    instead: "what arrives is handed out, whatever its `prev`",
    breaks: "ORD-2",
    on: "window",
  },
  {
    name: "YES_ON_HOLD",
    rule: "19",
    instead: "what is held is accepted",
    breaks: "RULE-20",
    on: "window",
  },
  {
    name: "HOLD_ENDS_IN_GAP",
    rule: "19",
    instead: "at `holdMs` what is missing counts as lost, instead of a 503",
    breaks: "RULE-14",
    on: "window",
  },
  {
    name: "FAIL_ALONE",
    rule: "20",
    instead: "after a failure the handler goes on with the next of the lane",
    breaks: "ORD-2",
    on: "window",
  },
  {
    name: "YES_ON_RELEASE",
    rule: "20",
    instead: "what is handed out is accepted before it is committed",
    breaks: "RULE-20",
    on: "window",
  },
  {
    name: "YES_BEFORE_SAVED",
    rule: "20",
    instead: "what is committed is accepted before the position is stored",
    breaks: "RULE-20",
    on: "window",
  },
  {
    name: "SAVE_WITHOUT_AHEAD",
    rule: "20",
    instead: "the stored position is `C` alone, without what is committed ahead of it (ORD-9)",
    breaks: "RULE-20",
    on: "window, keys",
  },
];
