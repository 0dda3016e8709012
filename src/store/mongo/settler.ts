import { setTimeout as wait } from 'node:timers/promises';
import { StoreBusyError } from '../contract/store.ts';
import type { ResourceDocument } from './documents.ts';
import { type Drawing, drawSeveral } from './draw-several.ts';
import { type Asked, findOpen, isOpen, type OpenDocument, toSettle } from './open-documents.ts';
import type { Person } from './person.ts';
import { settlePersons } from './settle-persons.ts';
import { asWritten, drawUsual, type Written } from './settle-written.ts';
import { isConflict } from './store-errors.ts';

export type Settler = {
  /** Settles what the write left open behind the back of the writer; resolves when there is room for the next. */
  readonly later: (written: ResourceDocument, former?: ResourceDocument) => Promise<void>;
  /** What is asked and was open when it was called is settled when it resolves. */
  readonly settle: (asked: Asked) => Promise<void>;
  /** Whether anything is open that was written before the call. */
  readonly isAnythingOpen: () => Promise<boolean>;
  /** Resolves when nothing is under way; what takes long is left open for the next who needs it. */
  readonly drain: () => Promise<void>;
};

/** Documents that are looked at together; so many may wait before writers do. */
const batchSize = 500;
const mostWaiting = 2_000;
/** Patients who are settled together: others of this process wait no longer than they take. */
const together = 250;
const attempts = 50;

type Work = Drawing & {
  /** One after the other within a process, so that nobody takes turns from who is at it. */
  readonly inTurn: <Result>(work: () => Promise<Result>) => Promise<Result>;
  readonly isClosing: () => boolean;
};

export function openSettler(drawing: Drawing): Settler {
  const waiting: Written[] = [];
  let turn: Promise<unknown> = Promise.resolve();
  let background: Promise<unknown> | undefined;
  let closing = false;
  const work: Work = {
    ...drawing,
    inTurn: (task) => {
      const mine = turn.then(() => untilNoConflict(task));
      turn = mine.catch(() => undefined);
      return mine;
    },
    isClosing: () => closing,
  };
  const workOff = async () => {
    // Writes of the same turn of the event loop go together.
    await new Promise(setImmediate);
    while (waiting.length > 0) {
      // What fails stays open, and is settled by the next who needs it.
      await settleWritten(work, waiting.splice(0, batchSize)).catch(() => undefined);
    }
    background = undefined;
  };
  return {
    later: async (written, former) => {
      if (!written.open) return;
      waiting.push(asWritten(written, former));
      background ??= workOff();
      while (waiting.length >= mostWaiting && background) await background;
    },
    isAnythingOpen: openCheck(drawing),
    settle: (asked) => settleOpen(work, asked),
    drain: async () => {
      closing = true;
      await background;
      await turn;
    },
  };
}

/** Each piece of the work may be broken off anywhere and be done again. */
async function untilNoConflict<Result>(task: () => Promise<Result>): Promise<Result> {
  for (let attempt = 1; attempt < attempts; attempt++) {
    try {
      return await task();
    } catch (error) {
      if (!isConflict(error)) throw error;
      await wait(Math.random() * 50);
    }
  }
  return task();
}

/** Whoever asks in one turn of the event loop is told by one look-up. */
function openCheck({ resources }: Drawing): () => Promise<boolean> {
  let next: Promise<boolean> | undefined;
  return () => {
    next ??= new Promise(setImmediate).then(() => {
      next = undefined;
      return isOpen(resources, {});
    });
    return next;
  };
}

async function settleWritten(work: Work, batch: readonly Written[]): Promise<void> {
  const left = await work.inTurn(() => drawUsual(work, batch));
  await settleDocuments(work, left, {});
}

async function settleDocuments(work: Work, documents: readonly OpenDocument[], asked: Asked): Promise<void> {
  const persons = new Set<Person>();
  const several: OpenDocument[] = [];
  for (const document of documents) {
    const todo = toSettle(document, asked);
    for (const person of todo.persons) persons.add(person);
    if (todo.several) several.push(document);
  }
  const sorted = [...persons].sort();
  for (let at = 0; at < sorted.length; at += together) {
    if (at > 0 && work.isClosing()) return;
    await work.inTurn(() => settlePersons(work, sorted.slice(at, at + together)));
  }
  for (const document of several) await work.inTurn(() => drawSeveral(work, document));
}

/** Somebody else may be at it, with a later turn; then it is waited for, or done by the next attempt. */
async function settleOpen(work: Work, asked: Asked): Promise<void> {
  const found = await findRelevant(work, asked);
  let open = found;
  for (let attempt = 0; attempt < attempts; attempt++) {
    if (open.length === 0) return;
    if (attempt > 0) await wait(Math.random() * 50);
    await settleDocuments(work, open, asked);
    const still = await findRelevant(work, asked);
    // What was written meanwhile is not waited for.
    open = still.filter((one) =>
      found.some((other) => one._id === other._id && one.open?.by === other.open?.by),
    );
  }
  throw new StoreBusyError(`Others drew the same marks ${attempts} times in a row.`);
}

async function findRelevant({ resources }: Drawing, asked: Asked): Promise<readonly OpenDocument[]> {
  const open: readonly OpenDocument[] = await findOpen(resources, asked, { patient: 1, open: 1 });
  return open.filter((document) => {
    const { persons, several } = toSettle(document, asked);
    return several || persons.length > 0;
  });
}
