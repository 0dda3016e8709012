import type { ComponentChildren } from 'preact';
import type { Language } from '../pages/auth-pages.ts';
import { isolate } from '../values/direction-marks.ts';
import type { TimeZone } from '../values/time-zone.ts';
import { catalogues, type PluralKey, type TextKey } from './languages/catalogues.ts';

export type { TextKey } from './languages/catalogues.ts';

type Values = Readonly<Record<string, string | number>>;

export type Translate = ((key: TextKey, values?: Values) => string) & {
  readonly language: Language;
  /** Whose days and times of day are told: the registry's. */
  readonly zone: TimeZone;
  /** The form for a number, which stands in the text as `{count}`. */
  readonly count: (key: PluralKey, count: number, values?: Values) => string;
  /** "a, b and c". */
  readonly list: (items: readonly string[]) => string;
};

const placeholder = /\{(\w+)\}/g;

const plurals = { en: new Intl.PluralRules('en'), es: new Intl.PluralRules('es') } as const;
const lists = {
  en: new Intl.ListFormat('en', { type: 'conjunction' }),
  es: new Intl.ListFormat('es', { type: 'conjunction' }),
} as const;

/** The texts of a language; a placeholder without a value stays as it is written, so that a test finds it. */
export function translator(language: Language, zone: TimeZone): Translate {
  const texts = catalogues[language];
  const say = (key: TextKey, values?: Values) =>
    values
      ? texts[key].replace(placeholder, (whole, name: string) => isolate(String(values[name] ?? whole)))
      : texts[key];
  return Object.assign(say, {
    language,
    zone,
    count: (key: PluralKey, count: number, values: Values = {}) => {
      const form = plurals[language].select(count) === 'one' ? 'one' : 'other';
      return say(`${key}.${form}`, { count, ...values });
    },
    list: (items: readonly string[]) => lists[language].format(items),
  });
}

/** The key when there is a text for it: for codes that others may add to. */
export function parseTextKey(text: string): TextKey | undefined {
  return Object.hasOwn(catalogues.en, text) ? (text as TextKey) : undefined;
}

/** A text whose values are shown as elements, a name in bold for one. */
export function translateAround(
  language: Language,
  key: TextKey,
  values: Readonly<Record<string, ComponentChildren>>,
): ComponentChildren {
  // With a group in the pattern, every second piece is the name of a placeholder.
  return catalogues[language][key]
    .split(placeholder)
    .map((piece, index) => (index % 2 === 0 ? piece : values[piece]));
}
