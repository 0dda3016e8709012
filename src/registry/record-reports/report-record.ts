import type { QuestionnaireResponse, Task } from 'fhir/r4.js';
import { changeMembers } from '../../interaction/change-members.ts';
import { type InteractionContext, withCaller } from '../../interaction/context.ts';
import { createResource } from '../../interaction/create-resource.ts';
import type { ParameterList } from '../../interaction/parse-query.ts';
import { searchAll } from '../../interaction/search-all.ts';
import { taskSystem } from '../../interaction/task-system.ts';
import { formatInstant } from '../../values/instant.ts';
import { parseResourceId, type ResourceId } from '../../values/resource-id.ts';

/** `Task.code` of what a person says is missing or wrong in a record. */
const reportCode = 'record-report';

export type RecordReport = {
  readonly patient: ResourceId;
  readonly kind: 'missing' | 'wrong';
  /** The dose that is wrong. */
  readonly dose?: string;
  readonly vaccine: string;
  /** As far as it is known. */
  readonly date?: string;
  readonly place: string;
  readonly text: string;
  /** Reference of the Organization that is to answer. */
  readonly clinic?: string;
};

/**
 * Keeps what a person says as their own word (a QuestionnaireResponse, written as the person may), and asks the clinic by
 * a Task, which the registry writes: a person has no say in the work of a clinic.
 */
export async function reportRecord(ctx: InteractionContext, report: RecordReport): Promise<void> {
  const said = await createResource(ctx, { resource: toSaid(ctx, report) as never, exactNumbers: false });
  const registry = withCaller(ctx, { kind: 'system', name: 'server' });
  const task = toTask(ctx, report, said.version.id);
  await createResource(registry, { resource: task as never, exactNumbers: false });
}

function toSaid(ctx: InteractionContext, report: RecordReport): QuestionnaireResponse {
  const answers = [
    ['kind', report.kind],
    ['vaccine', report.vaccine],
    ['date', report.date ?? ''],
    ['place', report.place],
    ['text', report.text],
    ['dose', report.dose ?? ''],
  ] as const;
  return {
    resourceType: 'QuestionnaireResponse',
    status: 'completed',
    subject: { reference: `Patient/${report.patient}` },
    authored: formatInstant(ctx.clock.now()),
    item: answers.flatMap(([linkId, valueString]) =>
      valueString === '' ? [] : [{ linkId, answer: [{ valueString }] }],
    ),
  };
}

function toTask(ctx: InteractionContext, report: RecordReport, said: string): Task {
  const at = formatInstant(ctx.clock.now());
  const words = [report.vaccine, report.date, report.place, report.text].filter(Boolean).join('; ');
  return {
    resourceType: 'Task',
    status: 'requested',
    intent: 'proposal',
    code: { coding: [{ system: taskSystem, code: reportCode }] },
    description: `${report.kind}: ${words}`,
    for: { reference: `Patient/${report.patient}` },
    focus: {
      reference: report.dose === undefined ? `QuestionnaireResponse/${said}` : `Immunization/${report.dose}`,
    },
    reasonReference: { reference: `QuestionnaireResponse/${said}` },
    authoredOn: at,
    lastModified: at,
    ...(report.clinic !== undefined && { owner: { reference: report.clinic } }),
  };
}

/** A search of Tasks that are such reports. */
export const reportSearch: ParameterList = [['code', `${taskSystem}|${reportCode}`]];

/** What was said of a record, the newest first, as far as the caller may see it. */
export async function reportsOf(ctx: InteractionContext, patient: ResourceId): Promise<readonly Task[]> {
  const found = await searchAll(ctx, 'Task', [['patient', `Patient/${patient}`], ...reportSearch]);
  return found
    .map(({ text }) => JSON.parse(text) as Task)
    .sort((one, other) => (other.authoredOn ?? '').localeCompare(one.authoredOn ?? ''));
}

/** Says once what became of a report of the person, as the caller may write it; false: there is none to answer. */
export async function answerRecordReport(
  ctx: InteractionContext,
  { patient, task }: { readonly patient: ResourceId; readonly task: string },
  status: 'completed' | 'rejected',
): Promise<boolean> {
  const id = parseResourceId(task);
  // By whichever record of the person it was told.
  const isOfPerson = id !== undefined && (await reportsOf(ctx, patient)).some((one) => one.id === id);
  if (!isOfPerson) return false;
  const lastModified = formatInstant(ctx.clock.now());
  return changeMembers(ctx, { type: 'Task', id }, (before) =>
    before['status'] === 'requested' ? { status, lastModified } : undefined,
  );
}
