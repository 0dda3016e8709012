/** A file that is being written. It is not there under its name until it is finished. */
export type OutputFile = {
  /** Resolves when more may be written. Throws an OutputFullError where there is no room. */
  readonly write: (bytes: Uint8Array) => Promise<void>;
  /** Resolves with the size when all of it is on disk, under its name. */
  readonly finish: () => Promise<number>;
  /** Leaves nothing of it. */
  readonly abandon: () => Promise<void>;
};

export type StoredFile = {
  readonly bytes: number;
  /** From one byte to another, both included; the whole when absent. */
  readonly read: (range?: { readonly first: number; readonly last: number }) => NodeJS.ReadableStream;
  /** A URL by which whoever is given it may fetch the packed file for some minutes, where there is one. */
  readonly link?: () => Promise<string>;
};

/** Where exports lie, each under its id; what has a name that ends with `.gz` is gzipped on the way. */
export type Output = {
  readonly create: (id: string, name: string) => Promise<OutputFile>;
  /** Undefined when there is no such file. */
  readonly open: (id: string, name: string) => Promise<StoredFile | undefined>;
  /** The whole export; what is read of it just now is read to its end. */
  readonly remove: (id: string) => Promise<void>;
  /** The exports of which something is there, and when something was last done there. */
  readonly list: () => Promise<readonly { readonly id: string; readonly touched: number }[]>;
};

/** What is asked for comes from a URL. */
export function safeName(name: string): string {
  if (/^[A-Za-z0-9][A-Za-z0-9._-]{0,120}$/.test(name)) return name;
  throw new Error('this is no name of an export or of a file of one');
}

/** There is no room for an export. */
export class OutputFullError extends Error {
  override readonly name = 'OutputFullError';
}
