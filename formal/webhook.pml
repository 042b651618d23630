/*
 * The webhook path of the ordering contract: one subscription, its sender with lanes, a network, a receiver that puts in
 * order. docs/formal.md says what is covered; cases.ts says with which bounds, and what each switch is expected to break.
 */
#include "sets.pml"

/* The event that a step is about, and scratch; all 0 between steps. */
byte x;
byte i;
byte j;
byte k;
byte l;
byte m;
#define rest x = 0; i = 0; j = 0; k = 0; l = 0; m = 0

/* Faults of any kind that may still happen. */
byte faults = FAULTS;

#include "properties.pml"
#include "sender.pml"
#include "network.pml"
#include "receiver.pml"

/* Something other than a fault or a timer can happen. */
#define isMoving(e) \
  (mayPost(e) || (isFlying(e) && attempt[e] != WAITING) || has(strays, e) || mayHandle(e))
#define moves (isMoving(1) || isMoving(2) || isMoving(3) || (N == 4 && isMoving(N)))
#define quiet (!moves && placeIsStored && isSaved)

/* Timers run out when nothing else can happen; one that runs out sooner is a fault. */
#define timers (held != 0 || parked != 0)

#define isPosted(e)   (attempt[e] == POSTED)
#define isYes(e)      (attempt[e] == YES)
#define isNo(e)       (attempt[e] == NO)
#define isLost(e)     (attempt[e] == LOST)
#define isStray(e)    has(strays, e)
#define isDue(e)      (has(parked, e) && quiet)
#define isOverdue(e)  (has(held, e) && quiet)

#define mayLose(e)    (faults > 0 && (isPosted(e) || isYes(e) || isNo(e)))
#define mayFail(e)    (faults > 0 && mayHandle(e))
/* Those that let something arrive late, which a plain receiver is not promised to bear. */
#ifdef PLAIN
#define late false
#else
#define late (faults > 0)
#endif
#define mayDouble(e)  (late && isPosted(e) && !isStray(e))
#define mayTimeOut(e) (late && isFlying(e) && !isLost(e))
#define mayRefuse(e)  (late && has(held, e))
#define mayHurry(e)   (late && has(parked, e))

/* One indivisible step for any one event of which `may` holds. */
#define any(may, what) atomic { pick(may); d_step { what; rest } }
#if N == 4
#define pick(may) if :: may(1) -> x = 1 :: may(2) -> x = 2 :: may(3) -> x = 3 :: may(4) -> x = 4 fi
#else
#define pick(may) if :: may(1) -> x = 1 :: may(2) -> x = 2 :: may(3) -> x = 3 fi
#endif

init {
  atomic { readOn(); rest }
  do
  :: any(mayPost, post(x))
  :: any(isYes, accepted(x))
  :: any(isNo, refused(x))
  :: any(isLost, failed(x))
  :: any(isDue, hurry(x))
  :: d_step { !placeIsStored -> storePlace() }

  :: any(isPosted, arrive(x))
  :: any(isStray, arriveStray(x))
  :: any(isStray, dropStray(x))

  :: any(mayHandle, commit(x))
  :: any(isOverdue, refuseHeld(x))
  :: d_step { !isSaved -> save(); rest }

  :: any(mayLose, faults--; lose(x))
  :: any(mayFail, faults--; skip; fail(x))
  :: any(mayDouble, faults--; double(x))
  :: any(mayTimeOut, faults--; timeOutEarly(x))
  :: any(mayRefuse, faults--; refuseHeld(x))
  :: any(mayHurry, faults--; hurry(x))
  :: d_step { faults > 0 -> faults--; receiverCrash(); rest }
  :: d_step { late -> faults--; senderCrash(); rest }

  :: quiet && !timers -> break
  od;
  atomic { checkEnd(); over = true }
}

#ifdef LIVENESS
/* Whatever the schedule: the faults are bounded, so in the end everything is settled. */
ltl settles { <> over }
#endif
