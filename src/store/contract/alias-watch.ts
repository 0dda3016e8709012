import type { Change } from './store.ts';

/** Knows whether any Patient belongs to a person, so that who never joined anybody is not asked for aliases. */
export type AliasWatch = {
  readonly has: () => boolean | Promise<boolean>;
  /** Told of what is about to be written through this store. */
  readonly note: (writes: readonly Pick<Change, 'person'>[]) => void;
};

/** What another process wrote is known within so many milliseconds. */
const askedEveryMs = 1000;

/** `now` answers milliseconds from any fixed moment, and never goes back. Once there were some, there may be some. */
export function watchAliases(
  look: () => boolean | Promise<boolean>,
  now: () => number = () => performance.now(),
): AliasWatch {
  let known = false;
  let at = Number.NEGATIVE_INFINITY;
  let asking: Promise<boolean> | undefined;
  const ask = async (looking: Promise<boolean>): Promise<boolean> => {
    try {
      known = (await looking) || known;
      return known;
    } catch (error) {
      at = Number.NEGATIVE_INFINITY;
      throw error;
    } finally {
      asking = undefined;
    }
  };
  return {
    has: () => {
      if (known) return true;
      if (asking) return asking;
      if (now() - at < askedEveryMs) return false;
      const looked = look();
      at = now();
      if (typeof looked === 'boolean') {
        known = looked;
        return known;
      }
      asking = ask(looked);
      return asking;
    },
    note: (writes) => {
      if (!known) known = writes.some(({ person }) => person !== undefined);
    },
  };
}
