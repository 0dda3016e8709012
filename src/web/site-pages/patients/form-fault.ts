import type { TextKey } from '../../translate.ts';

/** What is told of a field of a form: that it is wrong, or odd. */
export type FormFault = {
  readonly field: string;
  readonly key: TextKey;
  readonly values?: Readonly<Record<string, string | number>>;
};
