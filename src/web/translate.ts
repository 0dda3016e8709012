import type { ComponentChildren } from 'preact';
import type { Language } from '../pages/auth-pages.ts';
import en from './languages/en.json' with { type: 'json' };
import es from './languages/es.json' with { type: 'json' };

export type TextKey = keyof typeof en;

type Values = Readonly<Record<string, string | number>>;

const catalogues: Readonly<Record<Language, Readonly<Record<TextKey, string>>>> = { en, es };

export type Translate = (key: TextKey, values?: Values) => string;

const placeholder = /\{(\w+)\}/g;

/** The texts of a language; a placeholder without a value stays as it is written, so that a test finds it. */
export function translator(language: Language): Translate {
  const texts = catalogues[language];
  return (key, values = {}) =>
    texts[key].replace(placeholder, (whole, name: string) => String(values[name] ?? whole));
}

/** The key when there is a text for it: for codes that others may add to. */
export function parseTextKey(text: string): TextKey | undefined {
  return Object.hasOwn(en, text) ? (text as TextKey) : undefined;
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
