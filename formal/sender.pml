mtype = { event, gap };

/* The owner of the subscription: lanes, attempts, giving up, the watermark. */

/* An attempt from leaving to its answer. */
#define NONE    0 /* nothing under way: to be posted, or settled */
#define POSTED  1 /* on its way */
#define WAITING 2 /* with the receiver */
#define YES     3 /* 2xx on its way back */
#define NO      4 /* 503 on its way back */
#define LOST    5 /* there will be no answer */

byte attempt[N + 1];
byte carries[N + 1]; /* `settled` in the body under way */
byte keyPrev[N + 1]; /* of entries that are read */
byte watermark;
byte settled;        /* accepted or let go */
byte entries;        /* read from the view: 1 to this */
byte tried;          /* failed, and to be tried again */
byte gaps;           /* given up: a gap takes the place */
byte behind;         /* posted behind something unsettled of their lane */
byte parked;         /* refused behind something: wait for it, or for their time */

byte stored;         /* the place a new owner begins at */
byte storedGaps;

#define unsettled(e)  (entries >= (e) && !has(settled, e))
#define lowest        (watermark + 1)
#define isFlying(e)   (attempt[e] != NONE)
#define flying (isFlying(1) + isFlying(2) + isFlying(3) + (N == 4 && isFlying(N)))
#define waitsFor(e) (before(e) & ~settled)
#define isBehind(e) (waitsFor(e) != 0)

#if WINDOW == 0
#ifdef FIFO_OVERTAKES
/* While an earlier one is being retried, the next may leave. */
#define laneFree(e) within(waitsFor(e), tried)
#else
#define laneFree(e) (waitsFor(e) == 0)
#endif
#define mayPost(e) (unsettled(e) && !isFlying(e) && laneFree(e))
#else
/* The lowest has a slot kept; nothing leaves behind one that is being retried, or behind a gap (rule 11). */
#define hasSlot(e)  ((e) == lowest || flying + (isFlying(lowest) -> 0 : 1) < WINDOW)
#define laneFree(e) ((waitsFor(e) & (tried | gaps)) == 0)
#define mayPost(e) \
  (unsettled(e) && !isFlying(e) && laneFree(e) && hasSlot(e) && !(has(parked, e) && isBehind(e)))
#endif

#define placeIsStored (stored == watermark && storedGaps == gaps)

/* Reads on while there is room for CAPACITY unsettled entries. */
inline readOn() {
  do
  :: entries < N && size(upTo(entries) & ~settled) < CAPACITY ->
     entries++;
#ifdef BY_KEY
     i = highest(before(entries));
     keyPrev[entries] = (i > watermark -> i : watermark)
#endif
  :: else -> break
  od
}

inline post(e) {
  printf("sender    posts %e %d; settled: %d\n", (has(gaps, e) -> gap : event), e, watermark);
  attempt[e] = POSTED;
  carries[e] = watermark;
  parked = parked & ~one(e);
#if WINDOW > 0
  behind = (isBehind(e) -> behind | one(e) : behind & ~one(e))
#endif
#ifdef SETTLE_ON_POST
  ; settle(e)
#endif
}

inline settle(e) {
  settled = settled | one(e);
  tried = tried & ~one(e);
  behind = behind & ~one(e);
  struckOnce = struckOnce & ~one(e);
  struckTwice = struckTwice & ~one(e);
  keyPrev[e] = 0;
#ifdef WATERMARK_MAXIMUM
  watermark = highest(settled);
#else
  watermark = base(settled);
#endif
  gaps = gaps & ~upTo(watermark);
  check(RULE_13, within(upTo(watermark), told | letGo));
  readOn()
}

inline accepted(e) {
  printf("sender    hears that %d is accepted\n", e);
  attempt[e] = NONE;
  settle(e)
}

/* First the record, then the gap in the place of the event (rule 14). */
inline giveUp(e) {
  printf("sender    gives %d up: a dead letter, and a gap in its place\n", e);
  check(RULE_11, struckOut(e));
#ifndef GAP_WITHOUT_RECORD
  deadLetters = deadLetters | one(e);
#endif
  gaps = gaps | one(e)
}

inline exhausted(e) {
  tried = tried & ~one(e);
  if
  :: !has(gaps, e) -> giveUp(e)
#if WINDOW == 0 || defined(GAP_LET_GO)
  :: else -> printf("sender    lets gap %d go\n", e); letGo = letGo | one(e); settle(e)
#else
  :: else /* suspended, and taken up again at the next refresh */
#endif
  fi;
  struckOnce = struckOnce & ~one(e);
  struckTwice = struckTwice & ~one(e)
}

inline failed(e) {
  attempt[e] = NONE;
  carries[e] = 0;
  if
  :: TRIES == 1 || has(tried, e) -> exhausted(e)
  :: else -> tried = tried | one(e)
  fi
}

inline refused(e) {
  printf("sender    hears that %d is refused\n", e);
  if
#ifndef BEHIND_COUNTS
  :: has(behind, e) ->
     attempt[e] = NONE;
#ifndef REFUSED_AT_ONCE
     parked = parked | one(e)
#endif
#endif
  :: else -> failed(e)
  fi
}

/* The time is over that it waits after it was refused behind something. */
inline hurry(e) {
  parked = parked & ~one(e)
}

inline storePlace() {
  printf("sender    stores its place: %d\n", watermark);
  stored = watermark;
  storedGaps = gaps
}

/* Another owner begins at the stored place; what is on its way may still arrive, and nobody hears the answer. */
inline senderCrash() {
  printf("sender    crashes; the next begins at %d\n", stored);
  for (i : 1 .. N) {
    if
    :: attempt[i] == POSTED -> stray(i)
    :: else
    fi;
    attempt[i] = NONE;
    carries[i] = 0;
    keyPrev[i] = 0
  }
  watermark = stored;
  settled = upTo(stored);
  gaps = storedGaps;
  entries = stored;
  tried = 0;
  behind = 0;
  parked = 0;
  struckOnce = 0;
  struckTwice = 0;
  readOn()
}
