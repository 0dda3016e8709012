import { randomUUID } from 'node:crypto';
import { setTimeout as wait } from 'node:timers/promises';
import type { Collection } from 'mongodb';
import type { EpochMs } from '../../values/instant.ts';
import { StoreBusyError } from '../contract/store.ts';
import { isDuplicateKey } from './store-errors.ts';

/**
 * One of each process that writes: every write of it that bears the time `settled` or an earlier one has ended, and none
 * begins. `beat` moves while it lives. `_id` 'moment' stands for nobody: its `settled` is the latest that was asked for.
 */
export type WriterDocument = { readonly _id: string; readonly settled: number; readonly beat: number };

export type OpenWrites = {
  /** Where what bears this time must have ended nothing is written: it has to be stamped anew, later than the moment. */
  readonly during: <Result>(stamp: number, write: () => Promise<Result>) => Promise<Result | Late>;
  /**
   * Resolves when no process has a write open that bears this time or an earlier one, nor ever begins one. Throws a
   * StoreBusyError where that takes too long.
   */
  readonly settle: (moment: number) => Promise<void>;
  readonly close: () => Promise<void>;
};

export type Late = { readonly kind: 'late'; readonly moment: EpochMs };

/** Milliseconds; tests shorten them. */
export type WriterPace = {
  /** Between two looks at what is asked for. */
  readonly look: number;
  /** A process that shows no sign of life for so long has ended, and writes no more: it asks itself from half of it on. */
  readonly gone: number;
  /** After it nobody waits for a write that does not end. */
  readonly patience: number;
};

const usualPace: WriterPace = { look: 200, gone: 10_000, patience: 30_000 };
const momentId = 'moment';

/** Which writes are under way, over all processes of the store, so that a moment can be told of which all have ended. */
export function openOpenWrites(writers: Collection<WriterDocument>, pace = usualPace): OpenWrites {
  const open = new Set<{ readonly stamp: number }>();
  let here: Presence | undefined;
  /** What bears this time or an earlier one does not begin. */
  let floor = Number.NEGATIVE_INFINITY;
  let [used, isClosed] = [0, false];

  const settledTo = () => Math.min(floor, ...[...open].map(({ stamp }) => stamp - 1));
  const lookAtAsked = async () => {
    floor = Math.max(floor, await askedFor(writers));
    return settledTo();
  };
  const leave = async () => {
    const left = here;
    here = undefined;
    await left?.end();
  };
  const appear = (): Presence => {
    const presence = openPresence({ writers, pace, settled: lookAtAsked, look: () => look(presence) });
    return presence;
  };
  const look = async (presence: Presence) => {
    if (presence !== here) return;
    if (open.size === 0 && performance.now() - used > pace.gone) await leave();
    else await presence.beat();
  };
  return {
    during: async (stamp, write) => {
      used = performance.now();
      here ??= appear();
      await here.certain();
      if (stamp <= floor) return { kind: 'late', moment: floor as EpochMs };
      const mine = { stamp };
      open.add(mine);
      try {
        return await write();
      } finally {
        open.delete(mine);
      }
    },
    settle: async (moment) => {
      await askFor(writers, moment);
      await here?.beat();
      await waitForAll({ writers, pace, isClosed: () => isClosed }, moment);
    },
    close: async () => {
      isClosed = true;
      // Writes that were cut off are waited for by others until it is certain that nothing comes of them.
      if (open.size > 0) here?.stop();
      else await leave().catch(() => undefined);
    },
  };
}

type Waiting = {
  readonly writers: Collection<WriterDocument>;
  readonly pace: WriterPace;
  readonly isClosed: () => boolean;
};

async function waitForAll({ writers, pace, isClosed }: Waiting, moment: number): Promise<void> {
  const until = performance.now() + pace.patience;
  const seen = new Map<string, { readonly beat: number; readonly at: number }>();
  const isGone = ({ _id, beat }: WriterDocument) => {
    const known = seen.get(_id);
    if (known?.beat === beat) return performance.now() - known.at > pace.gone;
    seen.set(_id, { beat, at: performance.now() });
    return false;
  };
  for (;;) {
    const late = await writers.find({ _id: { $ne: momentId }, settled: { $lt: moment } }).toArray();
    if (late.length === 0) return;
    if (isClosed() || performance.now() > until) throw new StoreBusyError(neverEnds);
    for (const { _id, beat } of late.filter(isGone)) await writers.deleteOne({ _id, beat });
    await wait(pace.look / 4);
  }
}

/** Signs of life of which each took so long that it was old when it was there. */
const mostTries = 3;

const tooSlow = 'MongoDB answers too slowly for it to be certain what others take for written.';

const neverEnds =
  'A write that was begun before this moment does not end, so nobody can tell what belongs to it.';

async function askedFor(writers: Collection<WriterDocument>): Promise<number> {
  return (await writers.findOne({ _id: momentId }))?.settled ?? Number.NEGATIVE_INFINITY;
}

async function askFor(writers: Collection<WriterDocument>, moment: number): Promise<void> {
  const ask = () =>
    writers.updateOne({ _id: momentId }, { $max: { settled: moment }, $set: { beat: 0 } }, { upsert: true });
  try {
    await ask();
  } catch (error) {
    // Another made it between the look and the insert.
    if (!isDuplicateKey(error)) throw error;
    await ask();
  }
}

type Presence = {
  /** Resolves when the others are certain to wait for what begins now. */
  readonly certain: () => Promise<void>;
  readonly beat: () => Promise<void>;
  readonly end: () => Promise<void>;
  readonly stop: () => void;
};

type PresenceParts = {
  readonly writers: Collection<WriterDocument>;
  readonly pace: WriterPace;
  /** Up to which time all has ended here; looks at what is asked for before it answers. */
  readonly settled: () => Promise<number>;
  /** Called at every look. */
  readonly look: () => Promise<void>;
};

/** A name is used once only: who comes back is another. */
function openPresence({ writers, pace, settled, look }: PresenceParts): Presence {
  const _id = randomUUID();
  let shown = Number.NEGATIVE_INFINITY;
  let told = Number.NEGATIVE_INFINITY;
  let beating: Promise<void> | undefined;
  let isOver = false;
  const isShown = () => shown >= 0;
  const show = async (): Promise<void> => {
    const began = performance.now();
    // Whoever asks for a moment either sees this name, or asked before what is read here.
    if (!isShown()) await writers.updateOne({ _id }, { $set: { settled: -1, beat: 0 } }, { upsert: true });
    const next = await settled();
    if (isOver || (next <= told && began - shown <= pace.gone / 5)) return;
    const update = { $max: { settled: Math.max(-1, next) }, $inc: { beat: 1 } };
    const { matchedCount } = await writers.updateOne({ _id }, update);
    told = matchedCount > 0 ? next : Number.NEGATIVE_INFINITY;
    shown = matchedCount > 0 ? began : Number.NEGATIVE_INFINITY;
    // Somebody took this process for gone.
    if (!isShown()) await show();
  };
  const beat = () => {
    beating ??= show().finally(() => {
      beating = undefined;
    });
    return beating;
  };
  const timer = setInterval(() => void look().catch(() => undefined), pace.look).unref();
  const stop = () => {
    isOver = true;
    clearInterval(timer);
  };
  return {
    certain: async () => {
      for (let tries = 0; performance.now() - shown > pace.gone / 2; tries++) {
        if (tries === mostTries) throw new StoreBusyError(tooSlow);
        await beat();
      }
    },
    beat,
    stop,
    end: async () => {
      stop();
      await beating?.catch(() => undefined);
      await writers.deleteOne({ _id });
    },
  };
}
