import type { Collection } from 'mongodb';
import type { Drawing } from '../../src/store/mongo/draw-several.ts';

/** Is called before each command, with its number from 0 on and its name; who rejects ends the process, who waits sleeps. */
export type Gate = (command: number, name: string) => Promise<void>;
type Pass = (name: string) => Promise<void>;

/** The same collections, where every command passes the gate first. */
export function halting({ resources, persons }: Drawing, gate: Gate): Drawing {
  let commands = 0;
  const pass: Pass = (name) => gate(commands++, name);
  return { resources: guarded(resources, pass), persons: guarded(persons, pass) };
}

const asked: ReadonlySet<PropertyKey> = new Set(['bulkWrite', 'findOne', 'updateOne', 'updateMany']);

function guarded<Collected extends Collection<never> | Drawing['resources'] | Drawing['persons']>(
  collection: Collected,
  pass: Pass,
): Collected {
  return new Proxy(collection, {
    get(target, name) {
      const value: unknown = Reflect.get(target, name);
      if (typeof value !== 'function') return value;
      const call = (...args: unknown[]): unknown => Reflect.apply(value, target, args);
      if (asked.has(name)) return (...args: unknown[]) => pass(String(name)).then(() => call(...args));
      return name === 'find' ? (...args: unknown[]) => cursor(call(...args) as Found, pass) : call;
    },
  });
}

type Found = AsyncIterable<unknown> & { readonly toArray: () => Promise<unknown[]> };

function cursor(found: Found, pass: Pass): Found {
  return {
    toArray: () => pass('find').then(() => found.toArray()),
    async *[Symbol.asyncIterator]() {
      await pass('find');
      yield* found;
    },
  };
}
