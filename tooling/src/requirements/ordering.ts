import { held, type Requirements } from "./requirement";

/** The guarantees. */
export const GUARANTEES: Requirements = {
  "ORD-1": held("A subscription's events come in log order, or in log order for each key"),
  "ORD-2": held("Each event is delivered or lies in a gap that is reported before anything later"),
  "ORD-3": held("Repeats are recognised by position, with no time window"),
  "ORD-4": held("Every mode and transport gives the same sequence, and modes can change at any position"),
  "ORD-5": held("Subscriptions on one log merge into one line"),
  "ORD-6": held("The guarantees hold across replicas that come and go"),
  "ORD-7": held("After a restart of a log in memory every consumer is told; a durable log loses nothing"),
  "ORD-8": held("Emits keep the order of their calls"),
  "ORD-9": held("A position is kept only after the handler is done"),
};

/** The numbered rules by which they are kept. */
export const RULES: Requirements = {
  "RULE-1": held("Entries become visible once durable and in order; a log that lost numbers is a new epoch"),
  "RULE-2": held("An eventId is unique within its audience while its entry is kept"),
  "RULE-3": held("A cursor ahead of the head is answered empty; one of another log is unreadable"),
  "RULE-4": held("A page ends before a hole, and the next one says truncated"),
  "RULE-5": held("match and transform run ahead, bounded, and their results leave in log order"),
  "RULE-6": held("Equal subscriptions share one upstream poller, whose cursor is kept with the entries"),
  "RULE-7": held("active and heartbeats carry the reader's own position, after the events at or before it"),
  "RULE-8": held("A subscription is a reader with a position: slowness costs nothing but the position"),
  "RULE-9": held("The end of a stream carries its position, after what was unsettled before it"),
  "RULE-10": held("A lane posts one at a time, or a window of them to a receiver that can resequence"),
  "RULE-11": held("Nothing later in a lane is posted while an event is retried"),
  "RULE-12": held("Every write of subscription state carries the owner's fencing token"),
  "RULE-13": held("A posted cursor covers settled events only"),
  "RULE-14": held("Giving up writes a dead letter, then a gap in the event's place"),
  "RULE-15": held("A smaller epoch is dropped, a greater one adopted, with a gap unless it continues"),
  "RULE-16": held("A consumer without a position begins at what is settled; one behind it recovers first"),
  "RULE-17": held(
    "What was handled is a duplicate: acknowledged when committed, awaited when only handed out",
  ),
  "RULE-18": held("What fits on the position is handed out, then whatever the buffer allows"),
  "RULE-19": held("What does not fit is held, then recovered; lost is said only when nobody can give it"),
  "RULE-20": held(
    "Commits are in order within a lane; a failed handler returns its lane to the committed state",
  ),
  "RULE-21": held("A truncated answer is a gap up to its first event, then its events, then its position"),
  "RULE-22": held("A consumer with a position never asks for now; when it does, that is a gap"),
  "RULE-23": held(
    "Behind a load balancer a receiver resequences only with a position of its own or a shared one",
  ),
  "RULE-24": held("Merge lets an event out once every input has passed it, and waits for nobody for ever"),
};
