import type { Delimiters } from '../er7/delimiters.ts';
import type { Segment } from '../er7/message.ts';
import { deletes, partOf, rawField } from '../er7/piece.ts';
import type { Scope } from './assertion.ts';
import type { Profile } from './profile.ts';

/** MSH-1 and MSH-2 hold the delimiters, which part nothing there. */
export const isHeaderMark = ({ name }: Segment, field: number): boolean => name === 'MSH' && field <= 2;

/** Whether there is anything but delimiters and blanks. */
export function isPresent(raw: string, { component, subcomponent, repetition }: Delimiters): boolean {
  for (let at = 0; at < raw.length; at++) {
    const character = raw[at];
    const parts = character === component || character === subcomponent || character === repetition;
    if (!parts && character !== ' ') return true;
  }
  return false;
}

/** What rules of a segment look at: its fields' first repetitions. */
export function segmentScope(profile: Profile, segment: Segment): Scope {
  return {
    tables: profile.tables,
    component: segment.delimiters.component,
    observations: () => [],
    textsAt: ({ places }) => textsOf(segment, places),
  };
}

/** The text at FIELD.COMPONENT.SUBCOMPONENT of first repetitions; none where it is empty. */
export function textsOf(
  segment: Segment,
  [field = 0, component, subcomponent]: readonly number[],
): readonly string[] {
  const { delimiters } = segment;
  const raw = rawField(segment, field);
  if (raw === '') return none;
  let text = isHeaderMark(segment, field) ? raw : partOf(raw, delimiters.repetition, 1);
  if (component !== undefined) text = partOf(text, delimiters.component, component);
  if (subcomponent !== undefined) text = partOf(text, delimiters.subcomponent, subcomponent);
  const says = isPresent(text, delimiters) && !deletes({ raw: text });
  return says || isHeaderMark(segment, field) ? [text] : none;
}

const none: readonly string[] = [];

type Pieces = {
  readonly pieces: readonly string[];
  readonly delimiters: Delimiters;
  readonly isOfField: boolean;
};

/** What rules of a type look at: the components of one value, of a field or of a component of it. */
export function pieceScope({ tables }: Profile, { pieces, delimiters, isOfField }: Pieces): Scope {
  return {
    tables,
    component: delimiters.component,
    observations: () => [],
    textsAt: ({ places: [place = 0, below] }) => {
      const piece = pieces[place - 1] ?? '';
      const isParted = below !== undefined && isOfField;
      const text = isParted ? partOf(piece, delimiters.subcomponent, below) : piece;
      return isPresent(text, delimiters) ? [text] : [];
    },
  };
}
