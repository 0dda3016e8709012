import type {
  CodeableConcept,
  Coding,
  Immunization,
  ImmunizationEvaluation,
  ImmunizationRecommendation,
  ImmunizationRecommendationRecommendation,
  Parameters,
} from 'fhir/r4.js';
import { tableOf } from '../../values/table-of.ts';
import type { MappingTables } from '../mapping/mapping-tables.ts';
import { loincCode, type ObxValue } from '../mapping/obx.ts';
import { toV2Day } from '../mapping/v2-time.ts';

const loinc = 'http://loinc.org';
const cvx = 'http://hl7.org/fhir/sid/cvx';

/** What `$immds-forecast` says, as far as a response tells it. */
export type ForecastAnswer = {
  readonly evaluations: readonly ImmunizationEvaluation[];
  readonly groups: readonly ImmunizationRecommendationRecommendation[];
};

export function readForecast({ parameter = [] }: Parameters): ForecastAnswer {
  const resources = parameter.map(({ resource }) => resource);
  const recommendation = resources.find((one) => one?.resourceType === 'ImmunizationRecommendation') as
    | ImmunizationRecommendation
    | undefined;
  return {
    evaluations: resources.filter(
      (one): one is ImmunizationEvaluation => one?.resourceType === 'ImmunizationEvaluation',
    ),
    groups: firstOfGroups(recommendation?.recommendation ?? []),
  };
}

/** Of several recommendations of one vaccine group the first is the one that counts. */
function firstOfGroups(
  all: readonly ImmunizationRecommendationRecommendation[],
): readonly ImmunizationRecommendationRecommendation[] {
  const byName = new Map<string, ImmunizationRecommendationRecommendation>();
  for (const one of all) {
    const name = one.vaccineCode?.[0]?.text ?? '';
    if (!byName.has(name)) byName.set(name, one);
  }
  return [...byName.values()];
}

/** How a dose was evaluated: one set for each vaccine group, so several for a combination. */
export function evaluationObxs(
  tables: MappingTables,
  { evaluations, groups }: ForecastAnswer,
  { id, vaccineCode }: Pick<Immunization, 'id' | 'vaccineCode'>,
): readonly ObxValue[] {
  const reference = `Immunization/${id}`;
  const of = evaluations.filter(({ immunizationEvent }) => immunizationEvent.reference === reference);
  const byGroup = new Map<string, ImmunizationEvaluation[]>();
  for (const one of of) {
    const disease = one.targetDisease.coding?.[0]?.code ?? '';
    const name = tables.groupOf(disease)?.group ?? one.targetDisease.text ?? '';
    byGroup.set(name, [...(byGroup.get(name) ?? []), one]);
  }
  return [...byGroup].flatMap(([name, some]) => {
    const status = groups.find((group) => group.vaccineCode?.[0]?.text === name)?.forecastStatus;
    const group = tables.groups.find((row) => row.group === name)?.cvx;
    // What is of no group is told by its own code.
    const told = group ?? cvxOf(vaccineCode) ?? unknownVaccine;
    return evaluatedIn({ code: told, name }, some, status?.coding);
  });
}

const unknownVaccine = '999';
const cvxOf = (vaccine: CodeableConcept | undefined): string | undefined =>
  vaccine?.coding?.find(({ system }) => system === cvx)?.code;

function evaluatedIn(
  { code, name }: { readonly code: string; readonly name: string },
  evaluations: readonly ImmunizationEvaluation[],
  status: readonly Coding[] | undefined,
): readonly ObxValue[] {
  // What one antigen of the group needs again is not valid for the group.
  const isValid = evaluations.every(({ doseStatus }) =>
    doseStatus.coding?.some((coding) => coding.code === 'valid'),
  );
  const [first] = evaluations.toSorted(
    (a, b) => (a.doseNumberPositiveInt ?? 99) - (b.doseNumberPositiveInt ?? 99),
  );
  const reasons = new Set(
    evaluations.flatMap(({ doseStatusReason = [] }) => doseStatusReason.flatMap(({ text }) => text ?? [])),
  );
  const set = `group ${name}`;
  return [
    groupObx(set, code, name),
    schedule(set),
    ...number(set, '30973-2', first?.doseNumberPositiveInt),
    ...number(set, '59782-3', first?.seriesDosesPositiveInt),
    { type: 'ID', code: loincCode('59781-5'), set, value: isValid ? 'Y' : 'N' },
    ...text(set, '59780-7', first?.series),
    ...statusObx(set, status),
    ...text(set, '30982-3', isValid || reasons.size === 0 ? undefined : [...reasons].join('; ')),
  ];
}

/** What is due: one set for each vaccine group. */
export function forecastObxs(tables: MappingTables, { groups }: ForecastAnswer): readonly ObxValue[] {
  return groups.flatMap((group) => {
    const name = group.vaccineCode?.[0]?.text ?? '';
    const set = `group ${name}`;
    const told = cvxOf(group.vaccineCode?.[0]);
    const own = tables.groups.find((row) => row.group === name)?.cvx;
    const reasons = (group.forecastReason ?? []).flatMap(({ text: reason }) => reason ?? []);
    return [
      groupObx(set, own ?? told, name),
      schedule(set),
      ...['30981-5', '30980-7', '59778-1', '59777-3'].flatMap((code) => dated(set, code, group)),
      ...number(set, '30973-2', group.doseNumberPositiveInt),
      ...number(set, '59782-3', group.seriesDosesPositiveInt),
      ...text(set, '59780-7', group.series),
      ...statusObx(set, group.forecastStatus.coding),
      ...text(set, '30982-3', reasons.length === 0 ? undefined : reasons.join('; ')),
    ];
  });
}

function groupObx(set: string, code: string | undefined, name: string): ObxValue {
  return { type: 'CE', code: loincCode('30956-7'), set, value: [code, name, 'CVX'] };
}

/** The value set of the guide has no other schedule; every one that is followed here is based on it. */
const schedule = (set: string): ObxValue => ({
  type: 'CE',
  code: loincCode('59779-9'),
  set,
  value: ['VXC16', 'ACIP', 'CDCPHINVS'],
});

function number(set: string, code: string, value: number | undefined): readonly ObxValue[] {
  if (value === undefined) return [];
  const units = ['NA', 'Not applicable', 'HL70353'];
  return [{ type: 'NM', code: loincCode(code), set, value: String(value), units }];
}

function text(set: string, code: string, value: string | undefined): readonly ObxValue[] {
  return value === undefined ? [] : [{ type: 'ST', code: loincCode(code), set, value }];
}

function dated(
  set: string,
  code: string,
  { dateCriterion = [] }: ImmunizationRecommendationRecommendation,
): readonly ObxValue[] {
  const found = dateCriterion.find((one) => one.code.coding?.some((coding) => coding.code === code));
  return found ? [{ type: 'DT', code: loincCode(code), set, value: toV2Day(found.value) }] : [];
}

const statusNames: Readonly<Record<string, string>> = tableOf({
  'LA13421-5': 'Complete',
  'LA13422-3': 'On schedule',
  'LA13423-1': 'Overdue',
  'LA13424-9': 'Too old',
  'LA27183-5': 'Immune',
  'LA4216-3': 'Contraindicated',
  'LA4695-8': 'Not recommended',
});

function statusObx(set: string, codings: readonly Coding[] | undefined): readonly ObxValue[] {
  const code = codings?.find(({ system }) => system === loinc)?.code;
  if (code === undefined) return [];
  return [{ type: 'CE', code: loincCode('59783-1'), set, value: [code, statusNames[code], 'LN'] }];
}
