/** What the app does not use, the harness does not provide: reading it throws, naming it. Setting works, so that a spec can stand in. */
export function provided<T extends object>(name: string, target: T): T {
  return new Proxy(target, {
    get(_, key, receiver) {
      if (key in target) return Reflect.get(target, key, receiver) as unknown;
      // `await`, inspection and JSON look for these on anything.
      if (typeof key === 'symbol' || key === 'then' || key === 'toJSON' || key === 'inspect') return undefined;
      throw new Error(`The harness does not provide ${name}.${key}.`);
    },
  });
}

/** For what opens something outside the window: a spec puts its own function in its place. */
export const standInWanted = (name: string) => (): never => {
  throw new Error(`${name} was called: a spec must put its own function in its place.`);
};
