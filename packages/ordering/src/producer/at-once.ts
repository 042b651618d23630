/** A store whose methods answer at once. */
export type AtOnce<S> = {
  readonly [M in keyof S]: S[M] extends (...args: infer A) => infer R ? (...args: A) => Awaited<R> : S[M];
};
