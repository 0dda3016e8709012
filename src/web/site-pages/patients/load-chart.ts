import type { Parameters, ParametersParameter, Task } from 'fhir/r4.js';
import type { InteractionContext } from '../../../interaction/context.ts';
import { performOperation } from '../../../operation/perform-operation.ts';
import type { RecordView } from '../../../registry/forecasting/record-view/record-view.ts';
import { reportsOf } from '../../../registry/record-reports/report-record.ts';
import { parseResourceId, type ResourceId } from '../../../values/resource-id.ts';
import { outOfUse } from '../../out-of-use.ts';
import { hasDied } from '../../person-words.ts';
import type { SiteServices } from '../../site/site-services.ts';
import { heldBack, isProposed } from './held-back.ts';

/** The record of a patient as a clinician works with it. */
export type Chart = {
  readonly id: ResourceId;
  readonly view: RecordView;
  /** What the family says is missing or wrong, and nobody has answered. */
  readonly reports: readonly Task[];
  /** Absent where what would be due after a visit cannot be asked for. */
  readonly plan?: VisitPlan;
};

/** What a what-if forecast proposes for today. */
export type VisitPlan = {
  readonly injections: readonly {
    readonly cvx: string;
    readonly name: string;
    readonly groups: readonly string[];
  }[];
  /** Vaccine groups that are due and that it leaves out: they were declined, or something must be asked first. */
  readonly withheld: readonly string[];
  readonly next?: NextVisit;
};

export type NextVisit = {
  /** The first day on which a dose is recommended, and which. */
  readonly recommended: string;
  readonly doses: readonly { readonly group: string; readonly doseNumber?: number }[];
  /** Never after it: from when on one of these may be given. */
  readonly earliest: string;
  readonly mayBeGiven: readonly string[];
};

export function patientIdIn(params: Readonly<Record<string, string>>): ResourceId | undefined {
  return parseResourceId(params['id'] ?? '');
}

export async function loadChart(
  ctx: InteractionContext,
  id: ResourceId,
  services: SiteServices,
): Promise<Chart> {
  const view = await services.recordView(ctx, id);
  const isOver = outOfUse(view.patient) !== undefined || hasDied(view.patient);
  const plan = view.schedule && !isOver && (await planVisit(ctx, view, services));
  const reports = (await reportsOf(ctx, id)).filter(({ status }) => status === 'requested');
  return { id, view, reports, ...(plan && { plan }) };
}

/** Fewest injections and the next visit are never a rule of thumb. */
async function planVisit(
  ctx: InteractionContext,
  view: RecordView,
  { operations }: SiteServices,
): Promise<VisitPlan | undefined> {
  const operation = operations.find(({ code }) => code === 'immds-what-if');
  if (!operation) return undefined;
  // Nobody plans what is held back, neither for today nor for the day after.
  const without = view.groups.filter((group) => heldBack(view, group));
  const asked = {
    code: operation.code,
    type: 'Patient',
    id: view.patient.id as ResourceId,
    // The forecast itself is in the view.
    query: [['onlyVisit', 'true'] as const, ...without.map(({ group }) => ['withheld', group] as const)],
    body: () => undefined,
  } as const;
  const answer = await performOperation(ctx, operation, asked);
  if (!('resource' in answer)) return undefined;
  const { parameter = [] } = answer.resource as unknown as Parameters;
  const fewest = parameter.find(({ name }) => name === 'fewestInjections');
  const left = without.filter(isProposed).map(({ group }) => group);
  return fewest && { ...toPlan(fewest), withheld: left };
}

function toPlan({ part = [] }: ParametersParameter): Omit<VisitPlan, 'withheld'> {
  const injections = part.flatMap(({ name, part: of = [] }) => {
    if (name !== 'injection') return [];
    const coding = of.find((each) => each.name === 'vaccineCode')?.valueCodeableConcept?.coding?.[0];
    const groups = of.flatMap((each) => (each.name === 'vaccineGroup' ? (each.valueString ?? []) : []));
    const cvx = coding?.code ?? '';
    return [{ cvx, name: coding?.display ?? cvx, groups }];
  });
  const next = toNextVisit(part.find(({ name }) => name === 'nextVisit')?.part ?? []);
  return { injections, ...(next && { next }) };
}

function toNextVisit(part: readonly ParametersParameter[]): NextVisit | undefined {
  const dayOf = (name: string) => part.find((each) => each.name === name)?.valueDate;
  const [earliest, recommended] = [dayOf('earliest'), dayOf('recommended')];
  if (earliest === undefined || recommended === undefined) return undefined;
  const doses = part.flatMap(({ name, part: of = [] }) => {
    const group = of.find((each) => each.name === 'vaccineGroup')?.valueString;
    const doseNumber = of.find((each) => each.name === 'doseNumber')?.valuePositiveInt;
    if (name !== 'dose' || group === undefined) return [];
    return [{ group, ...(doseNumber !== undefined && { doseNumber }) }];
  });
  const mayBeGiven = part.flatMap((each) => (each.name === 'mayBeGiven' ? (each.valueString ?? []) : []));
  return { earliest, mayBeGiven, recommended, doses };
}
