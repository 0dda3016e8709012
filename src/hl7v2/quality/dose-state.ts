import { textAt } from '../er7/piece.ts';
import type { QualityContext } from './quality-context.ts';
import type { Subject } from './subject.ts';

/** The text of a field of the dose's RXA: its first component. */
export function rxaText({ segments }: Subject, field: number, component = 1): string | undefined {
  const rxa = segments.get('RXA');
  return rxa && textAt(rxa, { field, component });
}

/** A state of a dose that a rule may hang on. */
export const doseStates: Readonly<Record<string, (dose: Subject, context: QualityContext) => boolean>> = {
  told: isDose,
  given: isGiven,
  administered: isAdministered,
  refused: (dose) => rxaText(dose, 20) === 'RE',
  'shared VIS': (dose, context) => {
    const cvx = cvxOf(dose, context);
    const table = context.profile.tables.get('PHVS_VISVaccines_IIS');
    return isAdministered(dose) && cvx !== undefined && (table?.systemsOf(cvx).length ?? 0) > 0;
  },
};

/** Not a statement under 998. */
function isDose(dose: Subject): boolean {
  const code = rxaText(dose, 5);
  return code !== undefined && code !== '998';
}

export function isGiven(dose: Subject): boolean {
  const status = rxaText(dose, 20) ?? 'CP';
  return isDose(dose) && (status === 'CP' || status === 'PA') && rxaText(dose, 21) !== 'D';
}

/** Given by who tells of it (RXA-9 00). */
export function isAdministered(dose: Subject): boolean {
  return isGiven(dose) && rxaText(dose, 9) === '00';
}

/** The CVX code of RXA-5, by its CVX or its NDC. */
export function cvxOf(dose: Subject, { vaccines }: QualityContext): string | undefined {
  for (const place of [1, 4]) {
    const code = rxaText(dose, 5, place);
    if (code === undefined) continue;
    const system = rxaText(dose, 5, place + 2);
    if (system === 'CVX' || system === 'HL70292') return code;
    const cvx = system === 'NDC' ? vaccines.cvxOfNdc(code) : undefined;
    if (cvx !== undefined) return cvx;
  }
  return undefined;
}
