/*
 * Sets of events as bits 1 to N, and numbers as places in the view: event 1 is the first, 0 is "before all".
 * Spin takes no conditional expression inside an argument of an inline, so what properties use has none.
 */
#define one(e)      (1 << (e))
#define has(set, e) (((set) & one(e)) != 0)
#define within(a, b) (((a) & ~(b)) == 0)
#define upTo(p)     (one((p) + 1) - 2)
#define ALL         upTo(N)

/* The greatest place with everything at or before it in the set: `P`, `C` and the watermark are this. */
#define base(set) \
  (!has(set, 1) -> 0 : (!has(set, 2) -> 1 : (!has(set, 3) -> 2 : (!has(set, 4) -> 3 : 4))))
#define highest(set) \
  (has(set, 4) -> 4 : (has(set, 3) -> 3 : (has(set, 2) -> 2 : (has(set, 1) -> 1 : 0))))
#define size(set) (has(set, 1) + has(set, 2) + has(set, 3) + has(set, 4))

/* Lanes. With guarantee `key` the keys are a, b, a, b: bits 1 and 3 (10), or bits 2 and 4 (20). */
#ifdef BY_KEY
#define lane(e) ((20 - 10 * ((e) % 2)) & ALL)
#else
#define lane(e) ALL
#endif
#define before(e) (lane(e) & upTo((e) - 1))
#define after(e)  (lane(e) & ~upTo(e))
