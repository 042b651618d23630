/* The resequencer (rules 15 to 20) with its handler and its stored position. */

byte handled;  /* handed out, or known to be nothing: its base is `P`, the rest are the intervals ahead */
byte done;     /* done with: its base is `C` */
byte saved;    /* the stored position */
byte asGap;    /* of those handed out and not done with */
byte held;     /* waits for what is before it; a gap if in heldGaps */
byte heldGaps;
byte heldCarries[N + 1];
byte heldKeyPrev[N + 1];
#ifdef NO_STORE
bool known;    /* whether it has had first contact in this life */
#endif

#define P base(handled)
#define open (handled & ~done)

#if defined(PLAIN) || defined(NO_PREV_CHECK)
#define fits(e, settledThen, prevOfKey) true
#elif defined(BY_KEY)
#define isHandled(p) ((p) <= P || has(handled, p))
#ifdef AHEAD_TOO_SMALL
/* One interval ahead of P at most; what touches it makes it longer. */
#define touches(e) (has(handled, (e) - 1) || has(handled, e) || has(handled, (e) + 1))
#define hasRoom(e) (within(handled, upTo(P)) || touches(e))
#else
#define hasRoom(e) true
#endif
#define fits(e, settledThen, prevOfKey) \
  ((e) - 1 <= P || ((settledThen) <= P && isHandled(prevOfKey) && hasRoom(e)))
#else
#define fits(e, settledThen, prevOfKey) ((e) - 1 <= P)
#endif

inline answerYes(e) {
  check(RULE_20, has(told, e) && has(saved, e));
  attempt[e] = YES
}

/* Whoever waits for something that is done with and stored hears it. */
inline answerSaved() {
  for (j : 1 .. N) {
    if
#ifdef YES_BEFORE_SAVED
    :: attempt[j] == WAITING && has(done, j) -> answerYes(j)
#else
    :: attempt[j] == WAITING && has(saved, j) -> answerYes(j)
#endif
    :: else
    fi
  }
}

inline answerNo(e) {
  if
  :: attempt[e] == WAITING -> attempt[e] = NO
  :: else
  fi
}

inline unhold(e) {
  held = held & ~one(e);
  heldGaps = heldGaps & ~one(e);
  heldCarries[e] = 0;
  heldKeyPrev[e] = 0
}

inline handOut(e, isGap) {
  printf("receiver  hands out %e %d\n", ((isGap) -> gap : event), e);
  handled = handled | one(e);
#ifdef ONLY_P
  done = done & ~one(e);
#endif
  asGap = ((isGap) -> asGap | one(e) : asGap & ~one(e));
#ifdef YES_ON_RELEASE
  if
  :: attempt[e] == WAITING -> answerYes(e)
  :: else
  fi
#endif
}

/* What the buffer now allows, until nothing more comes out. */
inline drain() {
  j = 1;
  do
  :: j > N -> break
  :: j <= N && has(held, j) && has(handled, j) -> unhold(j); j = 1
  :: j <= N && has(held, j) && !has(handled, j) && fits(j, heldCarries[j], heldKeyPrev[j]) ->
     k = has(heldGaps, j);
     unhold(j);
     handOut(j, k);
     j = 1
  :: else -> j++
  od
}

/* What is settled and nobody has: to one that stores, a gap that did not arrive; to one that does not, its past. */
inline takeSettled(p) {
#ifdef NO_STORE
  handled = handled | upTo(p);
  done = done | upTo(p);
  saved = done;
  asGap = asGap & open;
  drain()
#else
  for (j : 1 .. N) {
    if
    :: j <= (p) && !has(handled, j) && has(held, j) -> k = has(heldGaps, j); unhold(j); handOut(j, k)
    :: j <= (p) && !has(handled, j) && !has(held, j) -> handOut(j, true)
    :: else
    fi
  }
  drain()
#endif
}

inline hold(e, isGap, settledThen, prevOfKey) {
  if
  :: has(held, e) || size(held) < BUFFER ->
     printf("receiver  holds %d\n", e);
     held = held | one(e);
     heldGaps = ((isGap) -> heldGaps | one(e) : heldGaps & ~one(e));
     heldCarries[e] = settledThen;
     heldKeyPrev[e] = prevOfKey;
#ifdef YES_ON_HOLD
     if
     :: attempt[e] == WAITING -> answerYes(e)
     :: else
     fi
#endif
  :: else -> printf("receiver  has no room for %d\n", e); answerNo(e)
  fi
}

#ifdef ONLY_P
#define isDuplicate(e) ((e) <= P || has(open, e))
#else
#define isDuplicate(e) has(handled, e)
#endif

inline offer(e, isGap, settledThen, prevOfKey) {
  printf("network   brings %e %d\n", ((isGap) -> gap : event), e);
#ifdef NO_STORE
  if
  :: !known ->
     known = true;
#ifdef BEGIN_AT_PREV
     takeSettled(e - 1)
#else
     takeSettled(settledThen)
#endif
  :: else -> takeSettled(settledThen)
  fi;
#endif
#ifdef GAP_WITHOUT_PLACE
  if
  :: isGap -> takeSettled(e)
  :: else
  fi;
#endif
  if
  :: isDuplicate(e) -> skip
  :: !isDuplicate(e) && fits(e, settledThen, prevOfKey) -> unhold(e); handOut(e, isGap); drain()
  :: else -> hold(e, isGap, settledThen, prevOfKey)
  fi;
#if !defined(PLAIN) && !defined(NO_STORE)
  if
  :: settledThen > P -> takeSettled(settledThen)
  :: else
  fi;
#endif
#ifdef YES_TO_DUPLICATE
  if
  :: has(handled, e) && attempt[e] == WAITING -> answerYes(e)
  :: else
  fi;
#endif
  answerSaved()
}

inline arrive(e) {
  i = carries[e];
  attempt[e] = WAITING;
  carries[e] = 0;
  offer(e, has(gaps, e), i, keyPrev[e])
}

/* Nobody waits for what becomes of a stray, unless an attempt of the same event does. */
inline arriveStray(e) {
  i = strayCarries[e];
  l = strayKeyPrev[e];
  m = has(strayGaps, e);
  dropStray(e);
  offer(e, m, i, l)
}

#define mayHandle(e) (has(open, e) && (open & before(e)) == 0)

inline commit(e) {
  printf("handler   is done with %e %d\n", (has(asGap, e) -> gap : event), e);
  checkHandedOut(e, has(asGap, e));
  done = done | one(e);
  life = life | one(e);
  if
  :: has(asGap, e) -> reported = reported | one(e)
  :: else -> committed = committed | one(e)
  fi;
  asGap = asGap & ~one(e);
#ifdef NO_STORE
  saved = done;
#endif
#if defined(NO_STORE) || defined(YES_BEFORE_SAVED)
  answerSaved()
#endif
}

inline save() {
  printf("receiver  stores its position\n");
#ifdef SAVE_WITHOUT_AHEAD
  saved = upTo(base(done));
  for (j : 1 .. N) {
    if
    :: attempt[j] == WAITING && has(done, j) -> answerYes(j)
    :: else
    fi
  }
#else
  saved = done;
  answerSaved()
#endif
}

#ifdef SAVE_WITHOUT_AHEAD
#define isSaved (saved == upTo(base(done)))
#else
#define isSaved (saved == done)
#endif

/* The failure counts for what was posted as the first of its lane. */
inline strikeFirst(e) {
  if
  :: attempt[e] == WAITING && !has(behind, e) -> strike(e)
  :: else
  fi
}

/* Its lane returns to what is committed; what was handed out or held in it is answered 503 (rule 20). */
inline fail(e) {
  printf("handler   fails at %d\n", e);
#ifdef FAIL_ALONE
  handled = handled & ~one(e);
  asGap = asGap & ~one(e);
  answerNo(e)
#else
  k = lane(e) & (open | held);
  handled = handled & ~(k & open);
  asGap = asGap & ~k;
  for (j : 1 .. N) {
    if
    :: has(k, j) -> strikeFirst(j); unhold(j); answerNo(j)
    :: else
    fi
  }
#endif
}

/* At holdMs (rule 19). */
inline refuseHeld(e) {
  printf("receiver  has held %d long enough\n", e);
#ifdef HOLD_ENDS_IN_GAP
  takeSettled(e - 1)
#else
  unhold(e);
  answerNo(e)
#endif
}

/* Back to the stored position; open connections break. */
inline receiverCrash() {
  printf("receiver  crashes\n");
  for (j : 1 .. N) {
    unhold(j);
    if
    :: attempt[j] == WAITING -> strike(j); attempt[j] = LOST
    :: else
    fi
  }
#ifdef NO_STORE
  known = false;
  saved = 0;
#endif
  life = saved;
  done = saved;
  handled = saved;
  asGap = 0
}
