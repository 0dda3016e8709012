import type { Language } from './auth-pages.ts';

/** A paper as it is written into a file: words alone, in the order in which they are read. */
export type Paper = {
  readonly language: Language;
  readonly title: string;
  /** Who gives it out, and on which day. */
  readonly issued: string;
  readonly issuer: string;
  /** Whom it is of, and what tells them from others. */
  readonly person: string;
  readonly facts: string;
  readonly codes: readonly PaperCode[];
  readonly table: PaperTable;
  readonly sections: readonly PaperSection[];
  /** What stands under the lines to sign on. */
  readonly sign: readonly string[];
  /** With `{page}` and `{pages}`. */
  readonly pageWords: string;
};

/** A code of 40 mm, as a PNG. */
export type PaperCode = { readonly png: Uint8Array; readonly label: string };

/** The first cell of a row is its head. `widths` are shares of the whole. */
export type PaperTable = {
  readonly head: readonly string[];
  readonly rows: readonly (readonly string[])[];
  readonly widths: readonly number[];
};

export type PaperSection = { readonly heading?: string; readonly text: string };

/** A file, or that it has letters which the font of papers does not. */
export type WrittenPaper =
  | { readonly kind: 'pdf'; readonly bytes: Uint8Array }
  | { readonly kind: 'unwritable' };

export type WritePaper = (paper: Paper) => Promise<WrittenPaper>;
