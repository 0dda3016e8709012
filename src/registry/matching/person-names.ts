import type { HumanName } from 'fhir/r4.js';
import { foldText } from '../../search/fold-text.ts';
import { tableOf } from '../../values/table-of.ts';
import type { FamilyName, GivenName } from './match-record.ts';
import { isNoFamily, isNoGiven, orderInPlaceholder } from './placeholders.ts';

/** The names of a person as they are compared. */
export type PersonNames = {
  readonly given: GivenName;
  readonly family: FamilyName;
  readonly otherFamilies: readonly FamilyName[];
  readonly aliases: readonly string[];
  readonly middle: string;
  readonly suffix: string;
  /** "Twin B" says that it is the second; 0 where no name says so. */
  readonly birthOrder: number;
};

/** So many names, and words of a name, are looked at. */
const mostNames = 10;
const mostWords = 8;

const suffixes: Readonly<Record<string, string>> = tableOf({
  jr: 'jr',
  junior: 'jr',
  sr: 'sr',
  senior: 'sr',
  ii: '2',
  '2nd': '2',
  iii: '3',
  '3rd': '3',
  iv: '4',
  '4th': '4',
});

const particles: ReadonlySet<string> = new Set(
  (
    'al ap bin da dal de del della den der des di dos du el fitz ibn la las le les los mac mc o ' +
    'san santa st te ten ter van vander vom von zu'
  ).split(' '),
);

export const noFamily: FamilyName = { whole: '', parts: [], bare: [] };
const noGiven: GivenName = { whole: '', parts: [] };

/** The first name that is in use counts; all others are other names of the person. */
export function toPersonNames(names: readonly HumanName[]): PersonNames {
  const read = names.slice(0, mostNames).map(readName);
  const main = read.find(({ isInUse }) => isInUse) ?? read[0];
  if (!main) {
    return {
      given: noGiven,
      family: noFamily,
      otherFamilies: [],
      aliases: [],
      middle: '',
      suffix: '',
      birthOrder: 0,
    };
  }
  const others = read.filter((name) => name !== main);
  return {
    given: main.given,
    family: main.family,
    otherFamilies: others.map(({ family }) => family).filter(({ whole }) => whole !== ''),
    aliases: others.map(({ given }) => given.whole).filter((given) => given !== ''),
    middle: main.middle,
    suffix: main.suffix || (others.find(({ suffix }) => suffix !== '')?.suffix ?? ''),
    birthOrder: main.birthOrder,
  };
}

type ReadName = Omit<PersonNames, 'otherFamilies' | 'aliases'> & { readonly isInUse: boolean };

function readName({ use, family = '', given = [], suffix = [] }: HumanName): ReadName {
  const familyWords = wordsOf(family);
  const [first = [], ...later] = given.slice(0, mostWords).map(wordsOf);
  const middleWords = later.flat();
  const ofFamily = takeSuffix(familyWords);
  const ofGiven = middleWords.length > 0 ? takeSuffix(middleWords) : takeSuffix(first);
  const order = orderInPlaceholder([...first, ...middleWords]);
  const isUnknown = isNoGiven([...first, ...middleWords].join(' ')) || isNoGiven(first.join(' '));
  return {
    isInUse: use === undefined || use === 'official' || use === 'usual',
    given: isUnknown ? noGiven : toGivenName(first),
    middle: isUnknown ? '' : middleWords.join(''),
    family: isNoFamily(familyWords.join(' ')) ? noFamily : toFamilyName(familyWords),
    suffix: suffixIn(suffix) || ofFamily || ofGiven,
    birthOrder: order,
  };
}

function wordsOf(text: string | null | undefined): string[] {
  const folded = foldText(text ?? '');
  return folded === '' ? [] : folded.split(' ', mostWords);
}

function suffixIn(texts: readonly (string | null)[]): string {
  for (const text of texts) {
    const suffix = suffixes[foldText(text ?? '')];
    if (suffix !== undefined) return suffix;
  }
  return '';
}

/** Takes a suffix off the end of a name of several words; an alias may be nothing else. */
function takeSuffix(words: string[]): string {
  const suffix = suffixes[words.at(-1) ?? ''];
  if (suffix === undefined) return '';
  words.pop();
  return suffix;
}

function toGivenName(words: readonly string[]): GivenName {
  return words.length === 0 ? noGiven : { whole: words.join(''), parts: words };
}

export function toFamilyName(words: readonly string[]): FamilyName {
  if (words.length === 0) return noFamily;
  const parts: string[] = [];
  const bare: string[] = [];
  let before = '';
  for (const [at, word] of words.entries()) {
    if (particles.has(word) && at < words.length - 1) {
      before += word;
      continue;
    }
    parts.push(before + word);
    bare.push(word);
    before = '';
  }
  return { whole: words.join(''), parts, bare };
}

/** A name that is one text: of a mother, a guardian. */
export function foldName(text: string | null | undefined): string {
  const words = wordsOf(text);
  return isNoFamily(words.join(' ')) ? '' : words.join('');
}
