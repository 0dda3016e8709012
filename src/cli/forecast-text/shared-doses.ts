import type { KnowledgeBase } from '../../registry/forecasting/knowledge-base.ts';
import { vaccineName } from './names.ts';
import { listOf } from './rendered-forecast.ts';
import { canBeGiven, type OnDay, type Row } from './sections.ts';

/** That a row asks for no dose beside that of a row of the same group before it. */
export function sharedWith(
  row: Row,
  rows: readonly Row[],
  on: OnDay,
  knowledgeBase: KnowledgeBase,
): string | undefined {
  const before = rows.slice(0, rows.indexOf(row)).filter(({ each }) => isSameGroup(each, row.each));
  for (const other of before) {
    const cvx = other.each.namedVaccines.find((one) => row.each.namedVaccines.includes(one));
    if (cvx === undefined || !servesBoth(other, row, on)) continue;
    return `one dose of ${vaccineName(cvx, knowledgeBase)} serves this row and that of ${other.each.vaccineGroup} above: one dose, not two`;
  }
  return undefined;
}

function isSameGroup(a: Row['each'], b: Row['each']): boolean {
  return a.vaccineGroup === b.vaccineGroup;
}

/** Can the row that comes later already be served on the day of the first? */
function servesBoth(first: Row, second: Row, on: OnDay): boolean {
  const [a, b] = [dayOf(first, on), dayOf(second, on)];
  const earliest = second.dates?.earliest;
  if (a === undefined || b === undefined || earliest === undefined || b < a) return false;
  return earliest <= a;
}

/** On which day a dose is to be given that has not been given yet. */
function dayOf(row: Row, on: OnDay) {
  if (row.section === 'Later') return row.dates?.recommended;
  return canBeGiven(row, on) ? on.assessmentDate : undefined;
}

/** Vaccines of which one dose serves several groups on the day of the forecast, those that serve the most first. */
export function renderCombinations(
  rows: readonly Row[],
  on: OnDay,
  knowledgeBase: KnowledgeBase,
): readonly string[] {
  const groups = new Map<string, string[]>();
  for (const row of rows.filter((each) => canBeGiven(each, on))) {
    for (const cvx of row.each.namedVaccines) {
      const known = groups.get(cvx) ?? [];
      if (!known.includes(row.each.vaccineGroup)) groups.set(cvx, [...known, row.each.vaccineGroup]);
    }
  }
  const forbidden = forbiddenIn(rows, knowledgeBase);
  return [...groups]
    .filter(([cvx, served]) => served.length > 1 && !forbidden(cvx))
    .sort(([, a], [, b]) => b.length - a.length)
    .map(([cvx, served]) => `  one dose of ${vaccineName(cvx, knowledgeBase)} serves ${listOf(served)}`);
}

/** Whether a part of it must not be given to this person. */
function forbiddenIn(rows: readonly Row[], { antigensOf }: KnowledgeBase): (cvx: string) => boolean {
  const vaccines = rows.flatMap(({ each }) => each.contraindicatedVaccines);
  const antigens = rows
    .filter(({ each }) => each.status === 'Contraindicated')
    .flatMap(({ each }) => each.antigens.filter((antigen) => !each.antigensNeeded.includes(antigen)));
  return (cvx) =>
    vaccines.some((one) => one === cvx) || (antigensOf(cvx) ?? []).some((one) => antigens.includes(one));
}
