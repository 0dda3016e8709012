import { Problem } from '../../fhir/problem.ts';
import { type AuditId, type AuditRow, toAuditId } from '../../store/contract/audit.ts';
import type { Store } from '../../store/contract/store.ts';
import type { AuditLog } from './audit-log.ts';

export type AuditQueue = AuditLog & {
  /** Calls it when the store does not take rows; they are kept, and tried again. */
  readonly onFailure: (warn: (cause: unknown) => void) => void;
  /** Resolves when all is on disk; rejects when the store does not take it. */
  readonly close: () => Promise<void>;
};

export type QueueOptions = {
  readonly store: Pick<Store, 'appendAudit'>;
  /** A number below 2^48 from which ids are counted, so that no two processes have the same. */
  readonly firstSalt: number;
  /** Milliseconds between two flushes. */
  readonly flushMs?: number;
  /** More rows than this are waited for. */
  readonly mostWaiting?: number;
  /** Milliseconds that a request waits for room before it is 503. */
  readonly patienceMs?: number;
};

/**
 * So many rows go to the store at once, without waiting for the time. Each commit costs as much as some 200 rows do, and on
 * SQLite whoever reads has to fetch anew what it had kept of the file.
 */
const batchSize = 4000;
/** With so many Patients in them, unless one row has more. */
const batchPatients = 5000;
const saltRange = 2 ** 48;
/** The end of a salt that is counted. */
const lowDigits = 4;
const lowSalts = 16 ** lowDigits;
/** So often a closing queue tries to write what is left. */
const lastAttempts = 5;
const retryMs = 250;
const lastMs = 5000;

/**
 * Rows of reads, many of which share one write. A row is on disk within a second, and none is dropped: when the store is
 * slower than the readers, these wait.
 */
export function openAuditQueue(options: QueueOptions): AuditQueue {
  const { store, firstSalt, flushMs = 500, mostWaiting = 20_000, patienceMs = 10_000 } = options;
  const waiting: AuditRow[] = [];
  const newId = countIds(Math.floor(firstSalt));
  let warn: (cause: unknown) => void = () => undefined;
  let timer: NodeJS.Timeout | undefined;
  let flushing: Promise<void> | undefined;
  let isClosing = false;
  const writeBatch = async () => {
    const batch = waiting.slice(0, batchLength(waiting));
    await store.appendAudit(batch);
    waiting.splice(0, batch.length);
    return batch.length;
  };
  /** Rows that come meanwhile wait for their own time: to write them a few at a time would cost more than to read. */
  const flushWaiting = async () => {
    for (let left = waiting.length; left > 0 || waiting.length >= batchSize; ) {
      try {
        left -= await writeBatch();
      } catch (thrown) {
        warn(thrown);
        await sleep(retryMs, false);
      }
    }
  };
  const waitForTime = () => {
    if (!isClosing) timer ??= setTimeout(flush, flushMs).unref();
  };
  const flush = () => {
    clearTimeout(timer);
    timer = undefined;
    flushing ??= flushWaiting().finally(() => {
      flushing = undefined;
      if (waiting.length > 0) waitForTime();
    });
    return flushing;
  };
  const untilRoom = async () => {
    for (let waited = 0; waiting.length >= mostWaiting; waited += retryMs) {
      if (waited >= patienceMs) throw new Problem('busy', 'The audit cannot be written now; try again later');
      void flush();
      await sleep(Math.min(retryMs, patienceMs));
    }
  };
  return {
    newId,
    append: (row) => {
      waiting.push(row);
      if (waiting.length >= batchSize) void flush();
      else if (!flushing) waitForTime();
    },
    room: () => (waiting.length < mostWaiting ? undefined : untilRoom()),
    onFailure: (call) => {
      warn = call;
    },
    close: async () => {
      isClosing = true;
      clearTimeout(timer);
      for (let attempt = 1; waiting.length > 0; attempt++) {
        const failed = await (flushing ? afterFlush(flushing) : failureOf(writeBatch()));
        if (failed && attempt >= lastAttempts) throw failed;
        if (failed) await sleep(retryMs);
      }
    },
  };
}

/** How many of the first rows are written together: not so many that others wait for long. */
function batchLength(waiting: readonly AuditRow[]): number {
  let patients = 0;
  let length = 0;
  for (const row of waiting) {
    patients += row.patients.length;
    if (length > 0 && (length === batchSize || patients > batchPatients)) break;
    length++;
  }
  return length;
}

/** Ids of one process. What does not change from one to the next is not written again. */
function countIds(firstSalt: number): AuditLog['newId'] {
  let low = firstSalt % lowSalts;
  let high = firstSalt - low;
  let startedAt = -1;
  let start = '';
  return (at) => {
    low++;
    if (low === lowSalts) {
      low = 0;
      high = (high + lowSalts) % saltRange;
      startedAt = -1;
    }
    if (at !== startedAt) start = toAuditId(at, high).slice(0, -lowDigits);
    startedAt = at;
    return `${start}${(lowSalts + low).toString(16).slice(1)}` as AuditId;
  };
}

/** A flush that is under way goes on until the store takes it, which may be never. */
function afterFlush(flushing: Promise<void>): Promise<Error | undefined> {
  const late = sleep(lastMs).then(() => new Error('The audit could not be written to its end.'));
  return Promise.race([flushing.then(() => undefined), late]);
}

function failureOf(work: Promise<unknown>): Promise<Error | undefined> {
  return work.then(
    () => undefined,
    (thrown: Error) => thrown,
  );
}

/** What goes on by itself holds up no process that ends: whoever closes waits for all that is left. */
function sleep(ms: number, holdsUp = true): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, ms);
    if (!holdsUp) timer.unref();
  });
}
