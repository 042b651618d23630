/* Between the two: anything on its way may be lost, doubled, late and overtaken. */

/* Copies whose sender hears no answer: doubled, timed out, or of an owner that crashed. One of each event at a time. */
byte strays;
byte strayGaps;
byte strayCarries[N + 1];
byte strayKeyPrev[N + 1];

inline stray(e) {
  strays = strays | one(e);
  strayGaps = (has(gaps, e) -> strayGaps | one(e) : strayGaps & ~one(e));
  strayCarries[e] = carries[e];
  strayKeyPrev[e] = keyPrev[e]
}

inline dropStray(e) {
  strays = strays & ~one(e);
  strayGaps = strayGaps & ~one(e);
  strayCarries[e] = 0;
  strayKeyPrev[e] = 0
}

inline lose(e) {
  printf("network   loses %d or its answer\n", e);
  strike(e);
  attempt[e] = LOST;
  carries[e] = 0
}

inline double(e) {
  printf("network   doubles %d\n", e);
  stray(e)
}

/* The time limit of an attempt that is still on its way or with the receiver. */
inline timeOutEarly(e) {
  printf("sender    gives the attempt at %d no more time\n", e);
  strike(e);
  if
  :: attempt[e] == POSTED -> stray(e)
  :: else
  fi;
  failed(e)
}
