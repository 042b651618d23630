/** Replaces a method or an accessor of a class; the returned function puts the own one back. */
export function replace(
  prototype: object,
  name: string,
  make: (own: PropertyDescriptor) => PropertyDescriptor,
): () => void {
  const own = Object.getOwnPropertyDescriptor(prototype, name);
  if (own === undefined) throw new Error(`nothing is called ${name}`);
  Object.defineProperty(prototype, name, { ...own, ...make(own) });
  return () => void Object.defineProperty(prototype, name, own);
}

/** Runs several functions, the last first. */
export function all(...undo: readonly (() => void)[]): () => void {
  return () => {
    for (const one of [...undo].reverse()) one();
  };
}
