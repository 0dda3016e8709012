import type { VNode } from 'preact';
import { productName } from '../product-names.ts';
import type { Translate } from '../translate.ts';
import observations from './observations.es.json' with { type: 'json' };
import vaccines from './vaccines.es.json' with { type: 'json' };

/** Names of the schedule have no codes where a record holds words alone: they are known by what they say. */
const spanishVaccines: ReadonlyMap<string, string> = new Map(Object.entries(vaccines));
const spanishObservations: ReadonlyMap<string, string> = new Map(Object.entries(observations));

type Title = {
  readonly words: string;
  /** It has no words in the language of the page. */
  readonly isForeign: boolean;
};

function titleIn(t: Translate, english: string, spanish: string | undefined): Title {
  if (t.language === 'en') return { words: english, isForeign: false };
  return { words: spanish ?? english, isForeign: spanish === undefined };
}

/** "HPV9 (Gardasil 9)": what stands in brackets at the end is a trade name, where the rest is a name that is known. */
function spanishName(name: string): string | undefined {
  const whole = spanishVaccines.get(name);
  if (whole !== undefined) return whole;
  const [, before = '', brand = ''] = /^(.+) \(([^()]+)\)$/.exec(name) ?? [];
  const known = spanishVaccines.get(before);
  return known && `${known} (${brand})`;
}

export function vaccineWords(t: Translate, name: string): string {
  return titleIn(t, name, spanishName(name)).words;
}

export function observationWords(t: Translate, { code, title }: { code: string; title: string }): string {
  return titleIn(t, title, spanishObservations.get(code)).words;
}

/** What is known of a person, marked where it has no words in the language of the page. */
export function ObservationName({
  of: { code = '', title },
  t,
}: {
  readonly of: { readonly code?: string; readonly title: string };
  readonly t: Translate;
}): VNode {
  const { words, isForeign } = titleIn(t, title, spanishObservations.get(code));
  return <span {...(isForeign && { lang: 'en' })}>{words}</span>;
}

/** What the name of a vaccine is marked with, so that it is read out in its language. */
export function vaccineLang(t: Translate, name: string): { readonly lang?: 'en' } {
  return titleIn(t, name, spanishName(name)).isForeign ? { lang: 'en' } : {};
}

/** A product by what tells it apart, then by its name. */
export function productWords(t: Translate, { cvx, name }: { cvx: string; name: string }): string {
  return productName(cvx, vaccineWords(t, name));
}

export function VaccineName({ name, t }: { readonly name: string; readonly t: Translate }): VNode {
  return <span {...vaccineLang(t, name)}>{vaccineWords(t, name)}</span>;
}
