/* What has to hold, told from what really happened and not from what sender and receiver believe. */

byte committed;   /* events that the handler was done with, ever */
byte reported;    /* events whose gap the handler was done with, ever */
byte life;        /* what it was done with in this life of the receiver, and what the stored position had */
byte deadLetters; /* given up, and written down */
byte letGo;       /* strict order: gaps that were not accepted either */
byte struckOnce;  /* sender's life: attempts that a fault of their own brought down */
byte struckTwice;
bool over;

/* With ONLY, one property is looked at: a control has to break the very one it names. */
mtype = { ORD_1, ORD_2, ORD_3, RULE_11, RULE_13, RULE_14, RULE_20, SETTLED };
#ifdef ONLY
#define checks(id) (id == ONLY)
#else
#define checks(id) true
#endif

inline check(id, holds) {
  if
  :: checks(id) && !(holds) -> printf("VIOLATED %e\n", id); assert(false)
  :: else
  fi
}

/* What the handler knows of. */
#define told (committed | reported)

#if WINDOW == 0
/* A gap that was tried and let go may stay unknown to a plain receiver. */
#define excused letGo
#else
#define excused 0
#endif

#ifdef PLAIN
#define unseen letGo
#else
#define unseen 0
#endif

inline checkHandedOut(e, isGap) {
  check(ORD_1, (life & after(e)) == 0);
  check(ORD_2, within(before(e), told | unseen));
  check(ORD_3, !has(life, e));
  check(RULE_14, !(isGap) || has(deadLetters, e))
}

inline strike(e) {
  struckTwice = struckTwice | (struckOnce & one(e));
  struckOnce = struckOnce | one(e)
}

#if TRIES == 1
#define struckOut(e) has(struckOnce, e)
#else
#define struckOut(e) has(struckTwice, e)
#endif

/* Everything settled, all of it committed or reported; only what was given up is missing. */
inline checkEnd() {
  check(SETTLED, stored == N && within(ALL, told | excused) && within(ALL & ~committed, deadLetters))
}
