import type { Collection } from 'mongodb';
import type { Drawing } from '../../src/store/mongo/draw-several.ts';

/** Is called before each command, with its number from 0 on; who rejects ends the process, who waits lets it sleep. */
export type Gate = (command: number) => Promise<void>;

/** The same collections, where every command passes the gate first. */
export function halting({ resources, persons }: Drawing, gate: Gate): Drawing {
  let commands = 0;
  const pass = () => gate(commands++);
  return { resources: guarded(resources, pass), persons: guarded(persons, pass) };
}

const asked: ReadonlySet<PropertyKey> = new Set(['bulkWrite', 'findOne', 'updateOne', 'updateMany']);

function guarded<Collected extends Collection<never> | Drawing['resources'] | Drawing['persons']>(
  collection: Collected,
  pass: () => Promise<void>,
): Collected {
  return new Proxy(collection, {
    get(target, name) {
      const value: unknown = Reflect.get(target, name);
      if (typeof value !== 'function') return value;
      const call = (...args: unknown[]): unknown => Reflect.apply(value, target, args);
      if (asked.has(name)) return (...args: unknown[]) => pass().then(() => call(...args));
      return name === 'find' ? (...args: unknown[]) => cursor(call(...args) as Found, pass) : call;
    },
  });
}

type Found = AsyncIterable<unknown> & { readonly toArray: () => Promise<unknown[]> };

function cursor(found: Found, pass: () => Promise<void>): Found {
  return {
    toArray: () => pass().then(() => found.toArray()),
    async *[Symbol.asyncIterator]() {
      await pass();
      yield* found;
    },
  };
}
