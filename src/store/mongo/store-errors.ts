import {
  MongoBulkWriteError,
  MongoClientClosedError,
  MongoError,
  MongoNetworkError,
  MongoServerError,
  MongoServerSelectionError,
  MongoWriteConcernError,
} from 'mongodb';
import {
  InvalidCursorError,
  ResourceTooLargeError,
  StoreBusyError,
  TransactionUnsupportedError,
  WriteUnknownError,
} from '../contract/store.ts';

/** https://www.mongodb.com/docs/manual/reference/error-codes/ */
const codes = {
  unauthorized: 13,
  authenticationFailed: 18,
  maxTimeExpired: 50,
  outOfDiskSpace: 14_031,
} as const;

export const duplicateKey = 11_000;

/**
 * WriteConflict, and the deadlock of an engine that runs a batch as one transaction (DocumentDB, in PostgreSQL's numbers):
 * of two who wrote the same documents at once this one was broken off.
 */
const conflicts: ReadonlySet<number> = new Set([112, 16_908_292]);

/** The node was stepping down, shutting down or not the primary: another one answers soon. */
const passing: ReadonlySet<number> = new Set([
  6, 7, 64, 89, 91, 112, 189, 262, 9001, 10_107, 11_600, 11_602, 13_435, 13_436,
]);

const socketCodes: ReadonlySet<string> = new Set([
  'EPIPE',
  'ECONNRESET',
  'ECONNREFUSED',
  'ETIMEDOUT',
  'EHOSTUNREACH',
]);

const tooLargeCodes: ReadonlySet<number> = new Set([10_334, 17_419, 17_420, 2_048]);

export function isDuplicateKey(error: unknown): boolean {
  return error instanceof MongoError && error.code === duplicateKey;
}

/** Somebody else wrote the same at the same time: what may be done again is done again. */
export function isConflict(error: unknown): boolean {
  return error instanceof MongoError && typeof error.code === 'number' && conflicts.has(error.code);
}

/** The answer to a write was lost, so it may have been kept. */
export function isUnsettled(error: unknown): boolean {
  if (error instanceof MongoServerSelectionError) return false;
  if (error instanceof MongoNetworkError || error instanceof MongoWriteConcernError) return true;
  if (isSocketError(error)) return true;
  // A bulk write wraps what stopped it.
  if (error instanceof MongoBulkWriteError) return true;
  if (!(error instanceof MongoError)) return false;
  return typeof error.code === 'number' && passing.has(error.code);
}

/** A socket that breaks while it is written to: the driver lets some of these errors through as they are. */
function isSocketError(error: unknown): boolean {
  return error instanceof Error && 'code' in error && socketCodes.has(String(error.code));
}

/** A bulk write that something else than its writes ended. */
function isStoppedBulk(error: unknown): boolean {
  return (
    error instanceof MongoBulkWriteError &&
    error.code === undefined &&
    [error.writeErrors].flat().length === 0
  );
}

/** In the words of the contract; what is not known is our bug and stays as it is. */
export function toStoreError(error: unknown): unknown {
  if (isOurs(error)) return error;
  if (error instanceof MongoClientClosedError) return new Error('The store is closed.', { cause: error });
  if (error instanceof MongoServerSelectionError) {
    return busy(`No MongoDB node that takes writes answers: ${reasonOf(error)}`, error);
  }
  if (error instanceof MongoNetworkError || isSocketError(error) || isStoppedBulk(error)) {
    return busy('The connection to MongoDB was lost', error);
  }
  return error instanceof MongoError ? fromServer(error) : error;
}

function fromServer(error: MongoError): unknown {
  const code = typeof error.code === 'number' ? error.code : undefined;
  if (code === codes.maxTimeExpired) return busy('MongoDB gave up: the answer took too long', error);
  if (isDiskFull(error)) return busy('MongoDB has no disk space left', error);
  if (code === codes.unauthorized || code === codes.authenticationFailed) {
    return new Error('MongoDB refuses the credentials of JENNER_STORE for this', { cause: error });
  }
  if ((code !== undefined && tooLargeCodes.has(code)) || /larger than the maximum/.test(error.message)) {
    return new ResourceTooLargeError('The resource is larger than a MongoDB document can be', {
      cause: error,
    });
  }
  if (code !== undefined && passing.has(code)) return busy('MongoDB is changing its primary', error);
  return isWorthAnotherTry(error) ? busy('MongoDB asks to try again', error) : error;
}

function isWorthAnotherTry(error: MongoError): boolean {
  const labels = ['TransientTransactionError', 'RetryableWriteError'];
  return isConflict(error) || labels.some((label) => error.hasErrorLabel(label));
}

/** Where the database notices it decides the code; the text is that of the operating system. */
function isDiskFull({ code, message }: MongoError): boolean {
  return code === codes.outOfDiskSpace || /no space left on device/i.test(message);
}

function busy(message: string, cause: unknown): StoreBusyError {
  return new StoreBusyError(`${message}.`, { cause });
}

function isOurs(error: unknown): boolean {
  return (
    error instanceof InvalidCursorError ||
    error instanceof StoreBusyError ||
    error instanceof ResourceTooLargeError ||
    error instanceof TransactionUnsupportedError ||
    error instanceof WriteUnknownError
  );
}

/** Why the start or a check failed, for a person; no URL, since it may hold a password. */
export function reasonOf(error: unknown): string {
  if (error instanceof MongoServerError && error.code === codes.authenticationFailed) {
    return 'the credentials are refused';
  }
  const text = error instanceof Error ? error.message : String(error);
  return text.replace(/mongodb(?:\+srv)?:\/\/\S*/g, 'mongodb://…');
}
