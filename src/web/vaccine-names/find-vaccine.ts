import type { Maker, VaccineProducts } from '../../registry/forecasting/vaccine-products.ts';
import { foldText } from '../../search/fold-text.ts';
import { shortNameOf } from '../product-names.ts';
import { misspelled } from './misspelled.ts';
import { namesOfCodes, namesOfGroups } from './plain-names.ts';

/** A vaccine as it is chosen from a list. */
export type VaccineChoice = {
  readonly cvx: string;
  readonly name: string;
  /** What it was called, where that is a trade name. */
  readonly brand?: string;
  /** Who makes what is called so, where nobody else does. */
  readonly maker?: Maker;
};

/** What somebody may have meant. */
export type VaccineMeaning =
  | { readonly kind: 'one'; readonly vaccine: VaccineChoice }
  /** The likeliest first; `more` are not told. What is misspelled is asked of, however few it is like. */
  | {
      readonly kind: 'several';
      readonly of: readonly VaccineChoice[];
      readonly more: number;
      readonly isMisspelled?: true;
    }
  | { readonly kind: 'none' };

export type VaccineNames = {
  /** What a vaccine that was typed is. */
  readonly meantBy: (text: string) => VaccineMeaning;
  /** The trade names of a vaccine in the last years. */
  readonly soldAs: (cvx: string) => readonly string[];
  /** What a field may offer: every vaccine of the schedule, and what is sold. */
  readonly offered: readonly VaccineChoice[];
};

type Ground = {
  /** Those of the schedule, by the names that it has. */
  readonly vaccines: readonly VaccineChoice[];
  readonly products: VaccineProducts;
  readonly groupsOf: (cvx: string) => readonly string[];
};

/** So many are asked of at once. */
const most = 16;

/** A name of a vaccine, as it is compared. */
type Row = {
  readonly key: string;
  readonly words: readonly string[];
  readonly kind: 'schedule' | 'trade' | 'plain';
  readonly choice: VaccineChoice;
};

/** As the lists have it, and as it is read back, in whatever language its name is. */
export function vaccineText({ brand, name, cvx }: VaccineChoice): string {
  return `${brand === undefined ? '' : `${brand}, `}${name} (CVX ${cvx})`;
}

/** As it is written down. */
export function vaccineTitle({ brand, name }: VaccineChoice): string {
  return brand === undefined ? name : `${name} (${brand})`;
}

/** The vaccine, where there is no other that may be meant. */
export function theOne(meaning: VaccineMeaning): VaccineChoice | undefined {
  return meaning.kind === 'one' ? meaning.vaccine : undefined;
}

export function openVaccineNames({ vaccines, products, groupsOf }: Ground): VaccineNames {
  const scheduled = new Set(vaccines.map(({ cvx }) => cvx));
  const others = products.codes.filter(({ cvx }) => !scheduled.has(cvx));
  const byCode = new Map([...vaccines, ...others].map(({ cvx, name }) => [cvx, { cvx, name }]));
  const trades = products.tradeNames.flatMap(({ name: brand, cvx, maker, isRecent }) => {
    const vaccine = byCode.get(cvx);
    return vaccine ? [{ choice: { ...vaccine, brand, ...(maker && { maker }) }, isRecent }] : [];
  });
  const rows = [...byCode.values()]
    .flatMap((choice) => rowsOf(choice, groupsOf(choice.cvx)))
    .concat(trades.map(({ choice }) => toRow('trade', choice.brand, choice)));
  const recent = eachOnce(trades.flatMap(({ choice, isRecent }) => (isRecent ? [choice] : [])));
  const facts = new Map(products.codes.map((code) => [code.cvx, code]));
  const inUse = (cvx: string) => facts.get(cvx)?.isInUse === true;
  /** Of what is against just this, what is given today; then what says no more; what is against more comes after them. */
  const rank = ({ cvx }: VaccineChoice): number => {
    const isUnspecified = facts.get(cvx)?.isUnspecified === true;
    const isAlone = groupsOf(cvx).length < 2;
    if (isAlone) return inUse(cvx) && !isUnspecified ? 0 : isUnspecified ? 1 : 3;
    return inUse(cvx) ? 2 : 4;
  };
  const likeliest = (found: readonly Row[]): VaccineMeaning => {
    const sorted = eachOnce(found.map(({ choice }) => choice)).sort((one, other) => rank(one) - rank(other));
    if (sorted.length === 0) return { kind: 'none' };
    return { kind: 'several', of: sorted.slice(0, most), more: Math.max(sorted.length - most, 0) };
  };
  const named = (text: string) => byName(text, rows, inUse) ?? likeliest(like(text, rows));
  const guessed = (text: string): VaccineMeaning => {
    const meaning = likeliest(misspelled(text, rows));
    return meaning.kind === 'several' ? { ...meaning, isMisspelled: true } : meaning;
  };
  return {
    meantBy: (text) => {
      const known = byNumber(text, byCode, rows) ?? named(text);
      if (known.kind !== 'none' || !/\p{L}/u.test(text)) return known;
      const bare = withoutFiller(text);
      const meaning = bare === text ? known : named(bare);
      return meaning.kind === 'none' ? guessed(bare) : meaning;
    },
    soldAs: (cvx) => recent.flatMap(({ brand, ...one }) => (one.cvx === cvx ? (brand ?? []) : [])),
    offered: [...vaccines, ...recent.filter(({ cvx }) => inUse(cvx))],
  };
}

const filler =
  /(?<![\p{L}\d])(?:vaccines?|vacine|vaccination|immuni[sz]ation|shots?|jab|booster|against|vacunas?|vacunaci[oó]n|refuerzo|contra|de|la|el)(?![\p{L}\d])/giu;

/** "Tetanus shot", "vacuna contra la gripe": what is said of every vaccine, if it is not all that is said. */
function withoutFiller(text: string): string {
  const bare = text.replace(filler, ' ').replace(/\s+/g, ' ').trim();
  return bare === '' ? text : bare;
}

/** Each vaccine by the shortest of the trade names that lead to it, which others begin with. */
function eachOnce(choices: readonly VaccineChoice[]): VaccineChoice[] {
  const found = new Map<string, VaccineChoice>();
  for (const choice of choices) {
    const [first = ''] = (choice.brand ?? '').split(' ');
    const key = `${choice.cvx} ${foldText(first)}`;
    const before = found.get(key);
    if (!before || (choice.brand ?? '').length < (before.brand ?? '').length) found.set(key, choice);
  }
  return [...found.values()];
}

function rowsOf(choice: VaccineChoice, groups: readonly string[]): Row[] {
  const short = shortNameOf(choice.cvx);
  const plain = [
    ...groups.flatMap((group) => namesOfGroups[group] ?? []),
    ...(namesOfCodes[choice.cvx] ?? []),
  ];
  return [
    toRow('schedule', choice.name, choice),
    ...(short === undefined ? [] : [toRow('schedule', short, choice)]),
    ...plain.map((name) => toRow('plain', name, choice)),
  ];
}

function toRow(kind: Row['kind'], name: string, choice: VaccineChoice): Row {
  const words = foldText(name).split(' ');
  return { kind, key: words.join(''), words, choice };
}

/** By its CVX code, alone or as the lists have it; with a trade name that this vaccine has. */
function byNumber(
  text: string,
  byCode: ReadonlyMap<string, VaccineChoice>,
  rows: readonly Row[],
): VaccineMeaning | undefined {
  const code = /\(CVX (\d{2,3})\)$/.exec(text)?.[1] ?? (/^\d{2,3}$/.test(text) ? text : undefined);
  if (code === undefined) return undefined;
  const vaccine = byCode.get(code);
  if (!vaccine) return { kind: 'none' };
  const sold = rows.find(
    ({ kind, choice: { cvx, brand } }) => kind === 'trade' && cvx === code && text.startsWith(`${brand}, `),
  );
  return { kind: 'one', vaccine: sold?.choice ?? vaccine };
}

/**
 * A name that only one has: of a package, where none that is called more begins so ("Prevnar" may be Prevnar 20 too); of the
 * schedule, where that is given, or people mean nothing else by it ("measles" may be MMR).
 */
function byName(
  text: string,
  rows: readonly Row[],
  inUse: (cvx: string) => boolean,
): VaccineMeaning | undefined {
  const key = foldText(text).replaceAll(' ', '');
  // A number that is no code is part of a name at most.
  if (!/\p{L}/u.test(key)) return { kind: 'none' };
  const same = rows.filter((row) => row.key === key);
  const plain = same.some(({ kind }) => kind === 'plain');
  const named = same.filter(({ kind, choice }) => kind === 'schedule' && (!plain || inUse(choice.cvx)));
  const sold = same.filter(({ kind }) => kind === 'trade');
  const isBeginning = rows.some((row) => row.kind === 'trade' && row.key !== key && row.key.startsWith(key));
  const [only, ...others] = sold.length > 0 && !isBeginning ? sold : named;
  if (only && others.length === 0) return { kind: 'one', vaccine: only.choice };
  const called = new Set(same.map(({ choice }) => choice.cvx));
  const [one] = same;
  return one && called.size === 1 && !isBeginning ? { kind: 'one', vaccine: one.choice } : undefined;
}

/** What is called just so; else what is sold under a name that begins so; else what has all the words, each as the beginning of one of its own. */
function like(text: string, rows: readonly Row[]): readonly Row[] {
  const asked = foldText(text).split(' ');
  const key = asked.join('');
  const called = rows.filter((row) => row.kind !== 'trade' && row.key === key);
  if (called.length > 0) return called;
  const sold = rows.filter((row) => row.kind === 'trade' && row.key.startsWith(key));
  if (sold.length > 0) return sold;
  return rows.filter(({ words }) => asked.every((word) => words.some((one) => one.startsWith(word))));
}
