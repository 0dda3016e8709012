import type { CodeSystemIndex } from './code-system-index.ts';

/** R4 concept-subsumption-outcome. */
export type Subsumption = 'equivalent' | 'subsumes' | 'subsumed-by' | 'not-subsumed';

/** How A stands to B; undefined when the system lacks one of them. */
export function subsumptionOf(
  system: CodeSystemIndex,
  codeA: string,
  codeB: string,
): Subsumption | undefined {
  const a = system.find(codeA)?.code;
  const b = system.find(codeB)?.code;
  if (a === undefined || b === undefined) return undefined;
  if (a === b) return 'equivalent';
  if (system.above(b).has(a)) return 'subsumes';
  return system.above(a).has(b) ? 'subsumed-by' : 'not-subsumed';
}
