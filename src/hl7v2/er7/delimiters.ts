/** The characters that part a message, as MSH-1 and MSH-2 declare them (HL7 v2.5.1 §2.5.4). */
export type Delimiters = {
  readonly field: string;
  readonly component: string;
  readonly repetition: string;
  readonly escape: string;
  readonly subcomponent: string;
};

/** Those that the guide asks of every sender (CDC IG 1.5, MSH-1 and MSH-2). */
export const usualDelimiters: Delimiters = {
  field: '|',
  component: '^',
  repetition: '~',
  escape: '\\',
  subcomponent: '&',
};

/** Programs that write "\\\\" for a backslash double it, others leave the escape character out: both mean the usual ones. */
function asMeant(declared: string): string {
  const { component, repetition, escape: mark, subcomponent } = usualDelimiters;
  if (declared === component + repetition + mark + mark + subcomponent)
    return declared.replace(mark + mark, mark);
  return declared === component + repetition + subcomponent ? '' : declared;
}

/**
 * Those that a header segment (MSH, FHS, BHS) declares: the fourth character, and MSH-2. What MSH-2 leaves out is as usual.
 * Undefined where one of them stands for two things, or is no character that can part anything.
 */
export function parseDelimiters(header: string): Delimiters | undefined {
  if (header.startsWith('|^~\\&|', 3)) return usualDelimiters;
  const field = header[3];
  if (field === undefined) return undefined;
  const declared = asMeant(header.slice(4).split(field, 1)[0] ?? '');
  const delimiters: Delimiters = {
    field,
    component: declared[0] ?? usualDelimiters.component,
    repetition: declared[1] ?? usualDelimiters.repetition,
    escape: declared[2] ?? usualDelimiters.escape,
    subcomponent: declared[3] ?? usualDelimiters.subcomponent,
  };
  const all = Object.values(delimiters);
  const areDistinct = new Set(all).size === all.length;
  return areDistinct && !all.some((character) => /[\p{L}\p{N}\s]/u.test(character)) ? delimiters : undefined;
}
