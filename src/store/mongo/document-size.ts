import { BSON } from 'mongodb';
import { ResourceTooLargeError } from '../contract/store.ts';
import type { ResourceDocument } from './documents.ts';

/** https://www.mongodb.com/docs/manual/reference/limits/: 16 MiB; the driver adds to what is measured here. */
const maxDocumentBytes = 16 * 1024 * 1024 - 16 * 1024;

/** A document of so few characters cannot be too large, whatever they are; measuring costs as much as writing. */
const surelyFitting = 2 * 1024 * 1024;

/** Throws ResourceTooLargeError for what MongoDB would refuse. */
export function requireFitting(document: ResourceDocument): void {
  if (charactersOf(document) < surelyFitting) return;
  const bytes = BSON.calculateObjectSize(document);
  if (bytes <= maxDocumentBytes) return;
  const has = document.previous
    ? 'with the version it replaces and its index values'
    : 'with its index values';
  throw new ResourceTooLargeError(
    `${document._id} is too large: ${bytes} bytes ${has}; MongoDB keeps ${maxDocumentBytes} at most`,
  );
}

function charactersOf({ text = '', previous, keys, spans, tuples }: ResourceDocument): number {
  const ofKeys = keys.reduce((sum, key) => sum + key.length, 0);
  return (
    text.length +
    (previous?.text?.length ?? 0) +
    ofKeys +
    100 * (keys.length + spans.length + 10 * tuples.length)
  );
}
