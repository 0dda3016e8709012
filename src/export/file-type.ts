import { rowFormats } from '../views/row-format.ts';

/** Whether a file of an export is gzipped on the way; Parquet is packed by itself. */
export function isGzip(name: string): boolean {
  return name.endsWith('.gz');
}

/** What is in a file of an export, by its name, unpacked. */
export function mediaTypeOf(name: string): string {
  if (name.endsWith('.parquet')) return rowFormats.parquet.mediaType;
  return name.endsWith('.csv.gz') ? rowFormats.csv.mediaType : 'application/fhir+ndjson';
}
