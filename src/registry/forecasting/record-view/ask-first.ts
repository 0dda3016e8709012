import { addOffset } from '../../../forecast/date-arithmetic.ts';
import type { VaccineGroupForecast } from '../../../forecast/forecast-result.ts';
import type { PatientHistory } from '../../../forecast/patient-history.ts';
import type { EpochDay } from '../../../values/epoch-day.ts';
import type { KnowledgeBase } from '../knowledge-base.ts';
import { immuneConditionsOf, isLive } from '../live-vaccines.ts';
import { observationTitle } from '../observation-title.ts';
import type { AskFirst, ObservationView, VaccineView } from './record-view.ts';

type Known = {
  readonly knowledgeBase: KnowledgeBase;
  readonly day: EpochDay;
  readonly history: PatientHistory | undefined;
};

/** Nirsevimab: 50 mg (CVX 306) below 5 kg, 100 mg (307) from 5 kg on (MMWR 2023;72(34)). No weight is known here. */
const byWeight: ReadonlySet<string> = new Set(['306', '307']);

export function toVaccineView(cvx: string, known: Known): VaccineView {
  const { knowledgeBase } = known;
  const asks = askedFirst(cvx, known);
  return {
    cvx,
    name: knowledgeBase.displayOf(cvx) ?? `CVX ${cvx}`,
    groups: groupsOfVaccine(cvx, knowledgeBase),
    ...(asks && { asks }),
  };
}

function askedFirst(cvx: string, { knowledgeBase, day, history }: Known): AskFirst | undefined {
  if (byWeight.has(cvx)) return 'weight';
  const isUnsure = history !== undefined && immuneConditionsOf(history, day).length > 0;
  return isUnsure && isLive(cvx, knowledgeBase) ? 'immune-status' : undefined;
}

/** The vaccine groups that a vaccine has a part in; none of one that the schedule does not know. */
export function groupsOfVaccine(cvx: string, { data, antigensOf }: KnowledgeBase): readonly string[] {
  const antigens = antigensOf(cvx) ?? [];
  return data.vaccineGroups
    .filter((group) => group.antigens.some((antigen) => antigens.includes(antigen)))
    .map(({ name }) => name);
}

export function toObservationView(code: string, knowledgeBase: KnowledgeBase): ObservationView {
  return { code, title: observationTitle(code, knowledgeBase) };
}

/** HPV vaccine from 27 years on, with a risk or without (MMWR 2019;68(32)); without one the forecast says so itself. */
const decidedFrom: ReadonlyMap<string, number> = new Map([['HPV', 27]]);

export function isLeftToDecide(
  { vaccineGroup }: VaccineGroupForecast,
  { dateOfBirth }: Pick<PatientHistory, 'dateOfBirth'>,
  day: EpochDay,
): boolean {
  const years = decidedFrom.get(vaccineGroup);
  return years !== undefined && day >= addOffset(dateOfBirth, { months: years * 12, days: 0 });
}
