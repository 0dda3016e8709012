import { UnreadableSourceError } from '../bulk/import-source.ts';
import { Problem } from '../fhir/problem.ts';
import { JobStoppedError } from '../job/job-work.ts';
import {
  InvalidCursorError,
  ResourceTooLargeError,
  StoreBusyError,
  TransactionUnsupportedError,
  WriteUnknownError,
} from '../store/contract/store.ts';
import { OperatorError } from '../values/operator-error.ts';

/** What a command says when it fails: a sentence where it is known what is wrong, a stack where it is a fault of ours. */
export function describeFailure(thrown: unknown): string {
  if (!(thrown instanceof Error)) return String(thrown);
  if (thrown instanceof UnreadableSourceError) return describeUnreadable(thrown);
  if (isSystemError(thrown)) return describeSystemError(thrown);
  return isExpected(thrown) ? thrown.message : stacksOf(thrown);
}

function describeUnreadable({ path, cause, message }: UnreadableSourceError): string {
  if (!(cause instanceof Error) || !('code' in cause)) return message;
  if (String(cause.code).startsWith('Z_')) return `${path}: its gzip data is damaged (${cause.message})`;
  return describeFileFailure(path, cause);
}

function stacksOf(error: Error): string {
  const own = error.stack ?? error.message;
  return error.cause instanceof Error ? `${own}\ncaused by ${stacksOf(error.cause)}` : own;
}

const expectedErrors = [
  OperatorError,
  JobStoppedError,
  Problem,
  StoreBusyError,
  WriteUnknownError,
  ResourceTooLargeError,
  TransactionUnsupportedError,
  InvalidCursorError,
];

/** An Error that only adds something to what caused it is what caused it. */
function isExpected(error: Error): boolean {
  if (expectedErrors.some((kind) => error instanceof kind)) return true;
  if (isSystemError(error) || isDriverError(error)) return true;
  return error.constructor === Error && error.cause instanceof Error && isExpected(error.cause);
}

/** What a database says of itself: its drivers have no class in common. */
function isDriverError(error: Error): boolean {
  return error.name.startsWith('Mongo') || ('code' in error && error.code === 'ERR_SQLITE_ERROR');
}

type SystemError = Error & { readonly code: string; readonly path?: string; readonly port?: number };

function isSystemError(error: Error): error is SystemError {
  return 'code' in error && typeof error.code === 'string' && 'syscall' in error;
}

const meanings: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such file or folder',
  EACCES: 'this user may not read or write it',
  EPERM: 'this user may not read or write it',
  EROFS: 'it lies on a disk that can only be read',
  EISDIR: 'it is a folder; a file was expected',
  EEXIST: 'it is there already, and is no folder',
  ENOTDIR: 'it is a file; a folder was expected',
  ENOSPC: 'there is no space left on the disk',
  EMFILE: 'too many files are open; the system allows no more',
  EADDRINUSE: 'another program listens there; a free port was expected (JENNER_PORT, JENNER_HL7_PORT)',
  EADDRNOTAVAIL: 'this machine has no such address (JENNER_HOST)',
};

/** What is wrong with a file that was named: the system does not always say which it was. */
export function describeFileFailure(path: string, thrown: unknown): string {
  if (!(thrown instanceof Error) || !isSystemError(thrown)) return describeFailure(thrown);
  return describeSystemError(thrown, path);
}

function describeSystemError(error: SystemError, named?: string): string {
  const what = error.path ?? named ?? (error.port === undefined ? undefined : `port ${error.port}`);
  const meaning = meanings[error.code];
  return what === undefined || meaning === undefined ? error.message : `${what}: ${meaning}`;
}
