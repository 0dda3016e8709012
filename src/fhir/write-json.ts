import { hasMoreValues } from './has-more-values.ts';
import { writtenNumber } from './written-numbers.ts';

/** The JSON text of a value. With `exactNumbers` every number keeps the digits it was parsed from. */
export function writeJson(value: unknown, exactNumbers: boolean): string {
  return exactNumbers ? writeExactly(value, undefined, undefined) : JSON.stringify(value);
}

function writeExactly(value: unknown, parent: object | undefined, name: string | number | undefined): string {
  if (typeof value === 'number' && parent !== undefined && name !== undefined) {
    return writtenNumber(parent, name, value);
  }
  if (Array.isArray(value)) {
    return `[${value.map((item, index) => writeExactly(item ?? null, value, index)).join(',')}]`;
  }
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  const members = Object.entries(value)
    .filter(([, member]) => member !== undefined)
    .map(([key, member]) => `${JSON.stringify(key)}:${writeExactly(member, value, key)}`);
  return `{${members.join(',')}}`;
}

/** So much is written at a stretch: a fraction of a millisecond's work. */
const valuesPerPiece = 500;
const charactersPerPiece = 16_384;

/** The same of a value that may be large, with pauses. */
export async function writeJsonWithPauses(
  value: unknown,
  exactNumbers: boolean,
  pause: () => Promise<void> | undefined,
): Promise<string> {
  return (await piecesWithPauses(value, exactNumbers, pause)).join('');
}

/** The same of a resource that was made for an answer, in pieces. */
export function writeJsonInPieces(
  value: object,
  pause: () => Promise<void> | undefined,
  exactNumbers = false,
): Promise<readonly string[]> {
  return piecesWithPauses(value, exactNumbers, pause);
}

async function piecesWithPauses(
  value: unknown,
  exactNumbers: boolean,
  pause: () => Promise<void> | undefined,
): Promise<readonly string[]> {
  const pieces: string[] = [];
  for (const piece of piecesOf({ value, parent: undefined, name: undefined }, exactNumbers)) {
    pieces.push(piece);
    await pause();
  }
  return pieces;
}

/** A value, and where it stands, so that its digits are found. */
type Place = {
  readonly value: unknown;
  readonly parent: object | undefined;
  readonly name: string | number | undefined;
};

function* piecesOf(place: Place, exactNumbers: boolean): Generator<string> {
  const { value } = place;
  if (!isLong(value)) {
    yield writeAt(place, exactNumbers);
    return;
  }
  const isList = Array.isArray(value);
  let text = isList ? '[' : '{';
  let separator = '';
  for (const [head, member] of isList ? itemsOf(value) : membersOf(value)) {
    text += separator + head;
    separator = ',';
    if (isLong(member.value)) {
      yield text;
      yield* piecesOf(member, exactNumbers);
      text = '';
    } else {
      text += writeAt(member, exactNumbers);
    }
    if (text.length < charactersPerPiece) continue;
    yield text;
    text = '';
  }
  yield text + (isList ? ']' : '}');
}

function isLong(value: unknown): value is object {
  return typeof value === 'object' && value !== null && hasMoreValues(value, valuesPerPiece);
}

function writeAt({ value, parent, name }: Place, exactNumbers: boolean): string {
  return exactNumbers ? writeExactly(value, parent, name) : JSON.stringify(value);
}

function* itemsOf(list: readonly unknown[]): Generator<readonly [string, Place]> {
  for (let name = 0; name < list.length; name++)
    yield ['', { value: list[name] ?? null, parent: list, name }];
}

function* membersOf(object: object): Generator<readonly [string, Place]> {
  for (const [name, value] of Object.entries(object)) {
    if (value !== undefined) yield [`${JSON.stringify(name)}:`, { value, parent: object, name }];
  }
}
