import type { Bundle, OperationOutcome, Parameters, ParametersParameter } from 'fhir/r4.js';
import { Problem } from '../../fhir/problem.ts';
import type { Resource } from '../../fhir/resource.ts';
import type { InteractionContext } from '../../interaction/context.ts';
import { callOperation } from '../../operation/call-operation.ts';
import type { Operation } from '../../operation/operation.ts';
import { formatEpochDay } from '../../values/epoch-day.ts';
import { parseResourceId, type ResourceId } from '../../values/resource-id.ts';
import type { EhrRecord } from './ehr-record.ts';

/** What is answered of a person. */
export type Asked = {
  readonly parameters: readonly ParametersParameter[];
  /** Whether what the registry knows of the person counts too. */
  readonly isJoined: boolean;
  /** The day that it is of. */
  readonly today: string;
  /** By which id an evaluation names each ordered vaccine. */
  readonly orderIds: readonly string[];
};

type Asking = {
  readonly ctx: InteractionContext;
  readonly operations: readonly Operation[];
  readonly ehr: EhrRecord;
  /** Vaccines that would be given today, as CodeableConcepts. */
  readonly orders: readonly object[];
};

/**
 * The forecast by the EHR's record, joined with the registry's where it is certain who the person is and the EHR may see all
 * of the record; else by the EHR's alone.
 */
export async function askForecast(asking: Asking): Promise<Asked> {
  const id = await personOf(asking);
  const joined = id && (await unlessHidden(() => askOfPerson(asking, id)));
  return joined ?? askStateless(asking);
}

/** What the EHR may not see, is answered as if it were not there. */
async function unlessHidden<Found>(ask: () => Promise<Found>): Promise<Found | undefined> {
  try {
    return await ask();
  } catch (thrown) {
    if (thrown instanceof Problem && hidden.has(thrown.kind)) return undefined;
    throw thrown;
  }
}

const hidden: ReadonlySet<string> = new Set(['forbidden', 'not-found', 'gone', 'missing-content']);

/** The one person of whom `$match` is certain. */
export async function personOf({
  ctx,
  operations,
  ehr,
}: Pick<Asking, 'ctx' | 'operations'> & { readonly ehr: Pick<EhrRecord, 'patient'> }): Promise<
  ResourceId | undefined
> {
  const body = parametersOf([
    { name: 'resource', resource: ehr.patient },
    { name: 'onlyCertainMatches', valueBoolean: true },
  ]);
  const bundle = await unlessHidden(() =>
    callOperation<Bundle>(ctx, operations, { code: 'match', type: 'Patient', body }),
  );
  const found = (bundle?.entry ?? []).flatMap(({ resource, search }) =>
    search?.mode === 'match' && resource?.id !== undefined ? [resource.id] : [],
  );
  return found.length === 1 ? parseResourceId(found[0] ?? '') : undefined;
}

async function askOfPerson(asking: Asking, id: ResourceId): Promise<Asked> {
  const { ctx, operations, ehr } = asking;
  const today = formatEpochDay(ctx.clock.today());
  const { items, orderIds } = itemsOf(asking, `Patient/${id}`, today);
  const body = parametersOf([{ name: 'assessmentDate', valueDate: today }, ...items, ...clinicalOf(ehr)]);
  const answer = await callOperation<Parameters>(ctx, operations, {
    code: 'immds-what-if',
    type: 'Patient',
    id,
    body,
  });
  return { parameters: answer.parameter ?? [], isJoined: true, today, orderIds };
}

async function askStateless(asking: Asking): Promise<Asked> {
  const { ctx, operations, ehr } = asking;
  const today = formatEpochDay(ctx.clock.today());
  const patient = { ...ehr.patient, id: 'ehr' };
  const { items, orderIds } = itemsOf(asking, 'Patient/ehr', today);
  const body = parametersOf([
    { name: 'assessmentDate', valueDate: today },
    { name: 'patient', resource: patient },
    ...items,
    ...clinicalOf(ehr),
  ]);
  const answer = await callOperation<Parameters>(ctx, operations, { code: 'immds-forecast', body });
  return { parameters: answer.parameter ?? [], isJoined: false, today, orderIds };
}

type Item = { readonly name: string; readonly [member: string]: unknown };

/** Ids of two servers must not be taken for each other. */
function itemsOf({ ehr, orders }: Asking, reference: string, today: string) {
  const patient = { reference };
  const doses = ehr.immunizations.map((dose, i) => toItem({ ...dose, id: `ehr-${i + 1}`, patient }));
  const orderIds = orders.map((_, i) => `order-${i + 1}`);
  const ordered = orders.map((vaccineCode, i) =>
    toItem({
      resourceType: 'Immunization',
      id: orderIds[i],
      status: 'completed',
      vaccineCode,
      patient,
      occurrenceDateTime: today,
    }),
  );
  return { items: [...doses, ...ordered], orderIds };
}

function toItem(resource: object): Item {
  return { name: 'immunization', resource };
}

const clinicalNames: Readonly<Record<string, string>> = {
  Condition: 'condition',
  Observation: 'observation',
  AllergyIntolerance: 'allergyIntolerance',
  Procedure: 'procedure',
};

function clinicalOf({ clinical }: EhrRecord): readonly Item[] {
  return clinical.map((resource, i) => ({
    name: clinicalNames[resource.resourceType] ?? '',
    resource: { ...resource, id: `ehr-${i + 1}` },
  }));
}

function parametersOf(parameter: readonly Item[]): Resource {
  return { resourceType: 'Parameters', parameter } as unknown as Resource;
}

/** What the forecast could not use. */
export function warningsOf({ parameters }: Asked): readonly string[] {
  const outcome = parameters.find(({ name }) => name === 'operationOutcome')?.resource as
    | OperationOutcome
    | undefined;
  const warnings = (outcome?.issue ?? []).filter(({ severity }) => severity === 'warning');
  return warnings.flatMap(({ details }) => details?.text ?? []);
}
