/**
 * How an element of a person is computed from what the sources say of it.
 *
 * `newest`: the source that was reported last and has it. `most-agreed`: what most of the most trusted sources say; of equals
 * the newest. `most-complete`: the value that says most. `all`: every value that differs; first the newest, or of the most
 * trusted sources the one that says most.
 * `by-url`: each extension by itself, of the newest source that has it. `inactive-wins`, `death-wins`: what protects most.
 */
export type SurvivorshipRule =
  | {
      readonly element: string;
      readonly rule: 'newest' | 'most-complete' | 'inactive-wins' | 'death-wins' | 'by-url';
    }
  /** Values that say nothing count for nothing. */
  | { readonly element: string; readonly rule: 'most-agreed'; readonly saysNothing?: readonly string[] }
  | { readonly element: string; readonly rule: 'all'; readonly first: 'newest' | 'most-trusted' };

/** An element of Patient that stands nowhere here comes from the newest source that has it. */
export const survivorship: readonly SurvivorshipRule[] = [
  { element: 'active', rule: 'inactive-wins' },
  { element: 'identifier', rule: 'all', first: 'newest' },
  { element: 'name', rule: 'all', first: 'most-trusted' },
  { element: 'telecom', rule: 'all', first: 'newest' },
  { element: 'gender', rule: 'most-agreed', saysNothing: ['unknown'] },
  { element: 'birthDate', rule: 'most-agreed' },
  { element: 'deceased', rule: 'death-wins' },
  { element: 'address', rule: 'all', first: 'newest' },
  { element: 'multipleBirth', rule: 'most-complete' },
  { element: 'contact', rule: 'all', first: 'newest' },
  { element: 'communication', rule: 'all', first: 'newest' },
  { element: 'generalPractitioner', rule: 'all', first: 'newest' },
  { element: 'extension', rule: 'by-url' },
];
