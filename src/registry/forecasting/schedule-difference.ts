import type {
  ImmunizationEvaluation,
  ImmunizationRecommendation,
  ImmunizationRecommendationRecommendation,
  OperationOutcomeIssue,
  ParametersParameter,
} from 'fhir/r4.js';
import { isSameJson } from '../../fhir/same-json.ts';
import type { AppliedChange } from '../../forecast/schedule-data.ts';
import { codeSystem, scheduleAuthorityExtension } from './code-systems.ts';
import type { KnowledgeBase } from './knowledge-base.ts';
import { none, shown } from './shown-element.ts';

/** What one schedule says of a person. */
export type ScheduleAnswer = {
  readonly knowledgeBase: KnowledgeBase;
  readonly evaluations: readonly ParametersParameter[];
  readonly recommendation: ImmunizationRecommendation;
  readonly issues: readonly OperationOutcomeIssue[];
};

type Recommended = ImmunizationRecommendationRecommendation;

/**
 * Where the others differ from the first: a parameter for each vaccine group and schedule, none where they agree. In
 * steps, since each may have thousands of verdicts.
 */
export function* scheduleDifferences(
  answers: readonly ScheduleAnswer[],
): Generator<void, readonly ParametersParameter[]> {
  const [first, ...others] = answers;
  const differences: ParametersParameter[] = [];
  if (!first) return differences;
  const own = byGroup(first);
  for (const other of others) {
    yield;
    const theirs = byGroup(other);
    yield;
    differences.push(...differencesOf([first, own], [other, theirs]));
  }
  return differences;
}

type Grouped = readonly [ScheduleAnswer, ReadonlyMap<string, GroupAnswer>];

function differencesOf([first, own]: Grouped, [other, theirs]: Grouped): readonly ParametersParameter[] {
  const groups = [...new Set([...own.keys(), ...theirs.keys()])];
  const between = changesBetween(first.knowledgeBase, other.knowledgeBase);
  return groups.flatMap((group) => {
    const [a = nothingSaid, b = nothingSaid] = [own.get(group), theirs.get(group)];
    const differs = [...recommendedDifferently(a.recommended, b.recommended), ...judgedDifferently(a, b)];
    if (differs.length === 0) return [];
    const where = { group, recommended: [...a.recommended, ...b.recommended] };
    const changes = changesOf(where, between, first.knowledgeBase);
    return [toParameter(group, other.knowledgeBase, { differs, changes })];
  });
}

type OpenGroup = { readonly recommended: Recommended[]; readonly verdicts: Map<string, string> };

type GroupAnswer = {
  readonly recommended: readonly Recommended[];
  /** Dose and disease to the verdict. */
  readonly verdicts: ReadonlyMap<string, string>;
};

const nothingSaid: GroupAnswer = { recommended: [], verdicts: new Map() };

function byGroup({
  knowledgeBase,
  recommendation,
  evaluations,
}: ScheduleAnswer): ReadonlyMap<string, GroupAnswer> {
  const groups = new Map<string, OpenGroup>();
  const groupNamed = (name: string) => {
    const known: OpenGroup = groups.get(name) ?? { recommended: [], verdicts: new Map() };
    groups.set(name, known);
    return known;
  };
  for (const each of recommendation.recommendation) {
    groupNamed(nameOfGroup(each, knowledgeBase)).recommended.push(each);
  }
  for (const { resource } of evaluations) {
    const { immunizationEvent, targetDisease, ...rest } = resource as ImmunizationEvaluation;
    const antigen = targetDisease.text ?? '';
    const key = `${immunizationEvent.reference} for ${antigen}`;
    groupNamed(groupOfAntigen(antigen, knowledgeBase)).verdicts.set(key, verdictOf(rest));
  }
  return groups;
}

/** NIST's client reads a CVX code where others read the name. */
function nameOfGroup({ vaccineCode, targetDisease }: Recommended, { schedule }: KnowledgeBase): string {
  const name = vaccineCode?.[0]?.text ?? '';
  if (schedule.vaccineGroups.some((group) => group.name === name)) return name;
  return schedule.antigens.find((each) => each.name === targetDisease?.text)?.vaccineGroup ?? name;
}

function groupOfAntigen(antigen: string, { schedule }: KnowledgeBase): string {
  return schedule.antigens.find(({ name }) => name === antigen)?.vaccineGroup ?? antigen;
}

function verdictOf({
  doseStatus,
  doseStatusReason = [],
}: Pick<ImmunizationEvaluation, 'doseStatus' | 'doseStatusReason'>): string {
  const finer = doseStatus.coding?.find(({ system }) => system === codeSystem.jennerDoseStatus);
  const status = finer?.display ?? doseStatus.text ?? '';
  return [status, ...doseStatusReason.map(({ text }) => text)].join(', ');
}

function judgedDifferently(a: GroupAnswer, b: GroupAnswer): readonly string[] {
  const doses = [...new Set([...a.verdicts.keys(), ...b.verdicts.keys()])];
  return doses.flatMap((dose) => {
    const [own, theirs] = [a.verdicts.get(dose), b.verdicts.get(dose)];
    return own === theirs ? [] : [`doseStatus of ${dose}: ${own ?? none} | ${theirs ?? none}`];
  });
}

function recommendedDifferently(a: readonly Recommended[], b: readonly Recommended[]): readonly string[] {
  const differs: string[] = [];
  for (let i = 0; i < Math.max(a.length, b.length); i++) {
    const [own = nothing, theirs = nothing] = [a[i], b[i]];
    for (const name of namesOf(own, theirs)) {
      const [left, right] = [elementOf(own, name), elementOf(theirs, name)];
      if (!isSameJson(left, right)) differs.push(`${name}: ${shown(left)} | ${shown(right)}`);
    }
  }
  return differs;
}

const nothing: Partial<Recommended> = {};

function namesOf(a: Partial<Recommended>, b: Partial<Recommended>): readonly (keyof Recommended)[] {
  const names = Object.keys(a) as (keyof Recommended)[];
  for (const name in b) if (!(name in a)) names.push(name as keyof Recommended);
  return names;
}

/** Whose it is differs of itself. */
function elementOf(recommended: Partial<Recommended>, name: keyof Recommended): unknown {
  if (name !== 'extension') return recommended[name];
  return recommended.extension?.filter(({ url }) => url !== scheduleAuthorityExtension);
}

/** What was changed in one of the two and not in the other; amendments of one base are in both. */
function changesBetween(a: KnowledgeBase, b: KnowledgeBase): readonly AppliedChange[] {
  const [own, theirs] = [new Set(a.data.changes), new Set(b.data.changes)];
  return [
    ...[...own].filter((change) => !theirs.has(change)),
    ...[...theirs].filter((change) => !own.has(change)),
  ];
}

type Where = { readonly group: string; readonly recommended: readonly Recommended[] };

/** Those of the series that are shown, else of the whole group. */
function changesOf(
  { group, recommended }: Where,
  between: readonly AppliedChange[],
  { schedule }: KnowledgeBase,
): readonly AppliedChange[] {
  const antigens = new Set(
    schedule.antigens.filter(({ vaccineGroup }) => vaccineGroup === group).map(({ name }) => name),
  );
  const series = new Set(recommended.flatMap((each) => each.series?.split('; ') ?? []));
  const ofGroup = between.filter(({ antigen }) => antigen !== undefined && antigens.has(antigen));
  const ofSeries = ofGroup.filter((change) => change.series === undefined || series.has(change.series));
  return ofSeries.length > 0 ? ofSeries : ofGroup;
}

function toParameter(
  group: string,
  { id }: KnowledgeBase,
  found: { readonly differs: readonly string[]; readonly changes: readonly AppliedChange[] },
): ParametersParameter {
  const texts = (name: string, values: readonly string[]) =>
    [...new Set(values)].map((valueString) => ({ name, valueString }));
  return {
    name: 'difference',
    part: [
      { name: 'vaccineGroup', valueString: group },
      {
        name: 'knowledgeBase',
        valueCodeableConcept: { coding: [{ system: codeSystem.knowledgeBase, code: id }] },
      },
      ...texts('differs', found.differs),
      ...texts(
        'change',
        found.changes.map(({ reason }) => reason),
      ),
      ...texts(
        'source',
        found.changes.map(({ source }) => source),
      ),
    ],
  };
}
