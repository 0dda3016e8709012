import type { BirthDay, MatchRecord } from './match-record.ts';
import { soundOf } from './phonetic.ts';

/** So many keys a Patient has at most; what comes later is the more common. */
const mostKeys = 20;
/** Of each thing that repeats so many are taken. */
const mostOfEach = 3;

/**
 * What two records of one person have in common, some of it at least: a key each, the rarest kinds first. Two records
 * without a common key are never compared. A key begins with a letter of its kind:
 * `s` social security number, `m` Medicaid, `n` number of an owner, `p` phone, `k` mother and birth date, `b` birth date
 * and the sound of a name, whichever it is, `h` house and given name, `y` both names and the birth year, `z` both names
 * and the town.
 */
export function matchKeys(record: MatchRecord): readonly string[] {
  const keys = new Set<string>();
  addNumbers(keys, record);
  addBirthKeys(keys, record);
  addHouseKeys(keys, record);
  addNameKeys(keys, record);
  return [...keys].slice(0, mostKeys);
}

function addNumbers(keys: Set<string>, { ssns, medicaids, recordNumbers, phones }: MatchRecord): void {
  for (const ssn of ssns.slice(0, mostOfEach)) keys.add(`s${ssn}`);
  for (const medicaid of medicaids.slice(0, mostOfEach)) keys.add(`m${medicaid}`);
  for (const { value } of recordNumbers.slice(0, 2 * mostOfEach)) keys.add(`n${value}`);
  for (const phone of phones.slice(0, mostOfEach)) keys.add(`p${phone}`);
}

/** Given and family names have keys of one kind, so that names that have changed places are found. */
function addBirthKeys(keys: Set<string>, record: MatchRecord): void {
  const { birth, mothersMaiden } = record;
  if (!birth || birth.day === 0) return;
  const day = dayText(birth);
  if (mothersMaiden !== '') keys.add(`k${day}${soundOf(mothersMaiden)}`);
  for (const sound of soundsOf(record)) keys.add(`b${day}${sound}`);
}

function soundsOf({ given, family, otherFamilies }: MatchRecord): ReadonlySet<string> {
  const names = [...family.bare.slice(0, mostOfEach), ...given.parts.slice(0, 2)];
  for (const other of otherFamilies.slice(0, 2)) names.push(...other.bare.slice(0, 2));
  return new Set(names.map(soundOf));
}

function dayText({ year, month, day }: BirthDay): string {
  return ((year * 12 + month) * 31 + day).toString(36);
}

function addHouseKeys(keys: Set<string>, { addresses, given, family }: MatchRecord): void {
  const initial = (given.whole || family.whole).slice(0, 1);
  for (const { number, street, zip, city } of addresses.slice(0, 2)) {
    if (number !== '' && street !== '') keys.add(`h${zip || city}${number}${soundOf(street)}${initial}`);
  }
}

function addNameKeys(keys: Set<string>, { given, family, birth, addresses }: MatchRecord): void {
  const [part = ''] = family.bare;
  if (given.whole === '' || part === '') return;
  const names = soundsOfBoth(given.whole, part);
  keys.add(`y${birth?.year ?? ''}${names}`);
  for (const { zip, city } of addresses.slice(0, 2))
    if (zip !== '' || city !== '') keys.add(`z${zip || city}${names}`);
}

/** In the order of their sounds, whichever is the family name. */
function soundsOfBoth(given: string, family: string): string {
  return [soundOf(family), soundOf(given)].sort().join('.');
}

/**
 * The keys of both names of who was born in one of these years, or nobody knows when, for whom the given name stands in one
 * of these forms: who is looked for by name alone shares no other key.
 */
export function keysOfYears(
  { family }: MatchRecord,
  givenForms: readonly string[],
  years: readonly number[],
): readonly string[] {
  const [part = ''] = family.bare;
  if (part === '') return [];
  const names = new Set(givenForms.map((given) => soundsOfBoth(given, part)));
  return [...names].flatMap((both) => ['', ...years].map((year) => `y${year}${both}`));
}
