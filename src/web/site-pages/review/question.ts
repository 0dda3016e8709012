import type { Task } from 'fhir/r4.js';
import { taskSystem } from '../../../interaction/task-system.ts';
import { type Decision, decisionIn, isPart } from '../../../operation/decision-task.ts';
import { doseReviewCode, dosesOf } from '../../../registry/deduplication/dose-task.ts';
import { reviewCode } from '../../../registry/identity/review-task.ts';

export type QuestionKind = 'people' | 'doses';
export const questionKinds: readonly QuestionKind[] = ['people', 'doses'];

export const codeOfKind: Readonly<Record<QuestionKind, string>> = {
  people: `${taskSystem}|${reviewCode}`,
  doses: `${taskSystem}|${doseReviewCode}`,
};

export type FieldScore = { readonly field: string; readonly level: string; readonly points: number };

/** What somebody said, newest last. */
export type Said = {
  readonly decision: string;
  readonly reason?: string;
  readonly by: string;
  readonly at: string;
};

/** A question of the queue as a page shows it. */
export type Question = {
  readonly id: string;
  readonly version: string;
  readonly kind: QuestionKind;
  readonly status: string;
  readonly asked: string;
  /** 0 to 1; absent where nobody compared. */
  readonly score?: number;
  readonly rule?: string;
  readonly fields: readonly FieldScore[];
  /** Ids of the Patients: the newer record, and who is known. */
  readonly people: readonly [string, string];
  /** Ids of the Immunizations, where it asks of doses. */
  readonly doses?: readonly [string, string];
  readonly decision?: Decision;
  readonly said: readonly Said[];
};

/** Neither waiting nor put aside. */
export function isAnswered({ status }: Pick<Question, 'status'>): boolean {
  return status !== 'requested' && status !== 'on-hold';
}

/** Undefined of a Task that asks something else. */
export function toQuestion(task: Task): Question | undefined {
  const kind = kindOf(task);
  const [newer, known] = [patientId(task.for?.reference), patientId(task.focus?.reference)];
  if (kind === undefined || newer === undefined || known === undefined) return undefined;
  const [doses, decision] = [dosesOf(task as never), decisionIn(task as never)];
  return {
    id: task.id ?? '',
    version: task.meta?.versionId ?? '',
    kind,
    status: task.status,
    asked: task.authoredOn ?? '',
    ...comparisonIn(task),
    people: [newer, known],
    ...(doses && { doses }),
    ...(decision && { decision }),
    said: (task.note ?? []).map(toSaid),
  };
}

function kindOf({ code }: Task): QuestionKind | undefined {
  const asked = code?.coding?.find(({ system }) => system === taskSystem)?.code;
  if (asked === reviewCode) return 'people';
  return asked === doseReviewCode ? 'doses' : undefined;
}

function comparisonIn({ input: inputs = [] }: Task): Pick<Question, 'score' | 'rule' | 'fields'> {
  const partOf = (name: string) => inputs.find((input) => isPart(input as never, name));
  const [score, rule] = [partOf('score')?.valueDecimal, partOf('rule')?.valueString];
  return {
    ...(score !== undefined && { score }),
    ...(rule !== undefined && { rule }),
    fields: inputs.flatMap((input) =>
      isPart(input as never, 'field') ? toFieldScore(input.type.text, input.valueString) : [],
    ),
  };
}

function patientId(reference: string | undefined): string | undefined {
  return /^Patient\/([^/]+)$/.exec(reference ?? '')?.[1];
}

function toFieldScore(field = '', text = ''): FieldScore[] {
  const [, level = '', points = ''] = /^(.*) (-?[\d.]+)$/.exec(text) ?? [];
  return level === '' ? [] : [{ field, level, points: Number(points) }];
}

function toSaid({ authorString = '', time = '', text }: NonNullable<Task['note']>[number]): Said {
  const [decision = '', ...rest] = text.split(': ');
  const reason = rest.join(': ');
  return { decision, ...(reason !== '' && { reason }), by: authorString, at: time };
}
