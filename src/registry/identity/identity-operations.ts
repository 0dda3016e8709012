import type { OperationOutcome } from 'fhir/r4.js';
import { Problem, toOperationOutcome } from '../../fhir/problem.ts';
import type { Resource } from '../../fhir/resource.ts';
import { type InteractionContext, requireAccess } from '../../interaction/context.ts';
import { parseStored } from '../../interaction/parse-stored.ts';
import { storedResource } from '../../interaction/write-result.ts';
import {
  type Decided,
  type Decision,
  decisions,
  isTaskOf,
  withDecision,
} from '../../operation/decision-task.ts';
import type { Inputs } from '../../operation/inputs.ts';
import { missing } from '../../operation/inputs.ts';
import type { Operation, OperationCall } from '../../operation/operation.ts';
import { keptAnswer, type OperationAnswer } from '../../operation/operation-answer.ts';
import { input, output } from '../../operation/operation-parameter.ts';
import type { Change } from '../../store/contract/store.ts';
import type { ResourceId } from '../../values/resource-id.ts';
import { decideNotSame, decideSame, rememberApart } from './decide-pair.ts';
import { joinOfTask } from './join-of-task.ts';
import type { Matcher } from './matcher.ts';
import { namedPatient, requireSeen } from './named-patient.ts';
import type { PersonGroup } from './person-group.ts';
import { groupOf, idsOf, type Parted } from './regroup.ts';
import {
  deciderOf,
  nowOf,
  type Outcome,
  type Regrouping,
  regroup,
  requireDecider,
} from './regroup-commit.ts';
import { type Pair, pairOf } from './review-task.ts';

const base = 'https://jenner-iis.org/fhir/OperationDefinition';
const reasonInput = input('reason', 'string', 'Why, for whoever asks later');
const previewInput = input(
  'preview',
  'boolean',
  'True: the answer tells what would become, and nothing is written',
);

/**
 * What is said of who is one person: by `$merge`, `$unmerge`, and of what people were asked. Of Tasks of the codes `otherQuestions`
 * the answer alone is kept: whoever asked looks at it.
 */
export function identityOperations(
  matcher: Matcher,
  otherQuestions: readonly string[] = [],
): readonly Operation[] {
  return [
    {
      code: 'merge',
      definition: `${base}/Patient-merge`,
      description: 'Makes one person of two Patients; each record stays as its reporter wrote it.',
      levels: ['type'],
      types: ['Patient'],
      affectsState: true,
      parameters: [
        input('source-patient', 'Reference', 'The Patient who is found to be the other'),
        input('source-patient-identifier', 'Identifier', 'The same, by an identifier', { max: '*' }),
        input('target-patient', 'Reference', 'The Patient whose person remains'),
        input('target-patient-identifier', 'Identifier', 'The same, by an identifier', { max: '*' }),
        reasonInput,
        previewInput,
        output('outcome', 'OperationOutcome', 'What was done', { min: 1 }),
        output('result', 'Patient', 'The person as it is then'),
      ],
      run: (ctx, call) => merge(ctx, call, matcher),
    },
    {
      code: 'unmerge',
      definition: `${base}/Patient-unmerge`,
      description:
        'Takes back that two Patients are one person: every record stands where it would stand without that.',
      levels: ['type', 'instance'],
      types: ['Patient'],
      affectsState: true,
      parameters: [
        input('source-patient', 'Reference', 'The source, or the replaced person, that is to be parted'),
        input('source-patient-identifier', 'Identifier', 'The same, by an identifier', { max: '*' }),
        input('target-patient', 'Reference', 'From whom; needed where it was joined to several'),
        reasonInput,
        previewInput,
        output('outcome', 'OperationOutcome', 'What was done', { min: 1 }),
        output('result', 'Patient', 'The person, or the record that stands alone again, of each side', {
          max: '*',
        }),
      ],
      run: (ctx, call) => unmerge(ctx, call, matcher),
    },
    {
      code: 'decide',
      definition: `${base}/Task-decide`,
      description:
        'Answers what a Task asks: whether two Patients are one person, or two doses one. It may be answered otherwise later.',
      levels: ['instance'],
      types: ['Task'],
      affectsState: true,
      parameters: [
        input('decision', 'code', 'same, not-same or later', { min: 1 }),
        reasonInput,
        output('return', 'Task', 'The Task as it is then', { min: 1 }),
      ],
      run: (ctx, call) => decide(ctx, call, { matcher, otherQuestions }),
    },
  ];
}

async function merge(
  ctx: InteractionContext,
  { inputs }: OperationCall,
  matcher: Matcher,
): Promise<OperationAnswer> {
  requireAccess(ctx, 'read', 'Patient');
  const source = await namedPatient(ctx, inputs, 'source-patient');
  const target = await namedPatient(ctx, inputs, 'target-patient');
  requireDecider(ctx);
  const decided = decidedBy(ctx, inputs, 'same');
  const work = (regrouping: Regrouping) => decideSame(regrouping, { source, target }, decided, matcher);
  const preview = inputs.flag('preview');
  const { result, written } = await regroup(ctx, work, { preview });
  const told = `Patient/${source} and Patient/${target} ${preview ? 'would be' : 'are'} one person: Patient/${result}`;
  return answer(told, [result], written);
}

async function unmerge(
  ctx: InteractionContext,
  call: OperationCall,
  matcher: Matcher,
): Promise<OperationAnswer> {
  requireAccess(ctx, 'read', 'Patient');
  const { inputs } = call;
  const id =
    call.id === undefined
      ? await namedPatient(ctx, inputs, 'source-patient')
      : await requireSeen(ctx, call.id);
  const from = inputs.has('target-patient') ? await namedPatient(ctx, inputs, 'target-patient') : undefined;
  requireDecider(ctx);
  const decided = decidedBy(ctx, inputs, 'not-same');
  const work = (regrouping: Regrouping) => decideNotSame(regrouping, { id, from }, decided, matcher);
  const preview = inputs.flag('preview');
  const { result, written } = await regroup(ctx, work, { preview });
  const [parted, stays] = [result.parted, result.stays].map(
    ({ personId, sourceIds }) => personId ?? sourceIds[0] ?? '',
  );
  const told = `Patient/${parted} and Patient/${stays} ${preview ? 'would be' : 'are'} two persons`;
  return answer(told, [parted ?? '', stays ?? ''], written);
}

/** Only what is written is told: what is not changed can be read. */
function answer(text: string, ids: readonly string[], written: readonly Change[]): OperationAnswer {
  const outcome = toOperationOutcome([{ severity: 'information', code: 'informational', text }]);
  const results = ids.flatMap((id) => {
    const change = written.find((one) => one.type === 'Patient' && one.id === id);
    return change ? [{ name: 'result', resource: parseStored(storedResource(change)).resource }] : [];
  });
  return keptAnswer({
    resourceType: 'Parameters',
    parameter: [{ name: 'outcome', resource: outcome as OperationOutcome }, ...results],
  });
}

async function decide(
  ctx: InteractionContext,
  call: OperationCall,
  { matcher, otherQuestions }: { readonly matcher: Matcher; readonly otherQuestions: readonly string[] },
): Promise<OperationAnswer> {
  requireAccess(ctx, 'read', 'Task');
  const { id, inputs } = call;
  const asked = id && (await ctx.view.read({ type: 'Task', id }));
  if (!id || asked?.text === undefined) throw new Problem('not-found', `There is no Task/${id}`);
  requireDecider(ctx);
  const decision = requireDecision(inputs);
  const { resource } = parseStored(storedResource(asked));
  const pair = pairOf(resource);
  if (!pair && !otherQuestions.some((code) => isTaskOf(resource, code)))
    throw new Problem('business-rule', `Task/${id} does not ask whether two are one`);
  const decided = decidedBy(ctx, inputs, decision);
  const { written } = await regroup(ctx, async (regrouping) => {
    const outcome = pair ? await decidePair(regrouping, { ...pair, task: id }, decided, matcher) : [];
    const task = await readTask(regrouping, id);
    const others = outcome.filter((one) => one.id !== id);
    return { result: undefined, others: [withDecision(task, decided), ...others] };
  });
  const task = written.find((change) => change.type === 'Task' && change.id === id);
  if (!task) throw new Error(`Task/${id} was decided and not written`);
  return keptAnswer(parseStored(storedResource(task)).resource);
}

async function readTask({ system }: Regrouping, id: ResourceId): Promise<Resource> {
  const task = await system.view.read({ type: 'Task', id });
  if (task?.text === undefined) throw new Problem('not-found', `There is no Task/${id}`);
  return parseStored(storedResource(task)).resource;
}

type AskedPair = Pair & { readonly task: string };

/** What stands already is not done again: a decision may be repeated, and turned round. */
async function decidePair(
  regrouping: Regrouping,
  pair: AskedPair,
  decided: Decided,
  matcher: Matcher,
): Promise<readonly Resource[]> {
  const outcome = await decidedOutcome(regrouping, pair, decided, matcher);
  return outcome?.others ?? [];
}

async function decidedOutcome(
  regrouping: Regrouping,
  pair: AskedPair,
  decided: Decided,
  matcher: Matcher,
): Promise<Outcome<unknown> | undefined> {
  if (decided.decision === 'later') return undefined;
  const { record, with: other } = pair;
  const whole = await groupOf(regrouping.records, record);
  const isOne = idsOf(whole).includes(other);
  switch (decided.decision) {
    case 'same':
      return isOne ? undefined : decideSame(regrouping, { target: other, source: record }, decided, matcher);
    case 'not-same':
      return isOne
        ? decideNotSame(regrouping, await turnedRound(regrouping, pair, whole), decided, matcher)
        : rememberApart(regrouping, { record, with: other }, decided);
  }
}

/** What was joined because of the Task is taken back; of other joins one between the two. */
async function turnedRound(
  { system }: Regrouping,
  { record, with: other, task }: AskedPair,
  { personId }: PersonGroup,
): Promise<Parted> {
  const made = await joinOfTask(system, task);
  return record === personId ? { id: other, from: record, made } : { id: record, from: other, made };
}

function requireDecision(inputs: Inputs): Decision {
  const asked = inputs.code('decision');
  const decision = decisions.find((one) => one === asked);
  if (decision) return decision;
  if (asked === undefined) throw missing('decision', `$decide needs a decision: ${decisions.join(', ')}`);
  const text = `The decision "${asked.slice(0, 40)}" is none of ${decisions.join(', ')}`;
  throw new Problem('invalid-parameter', text, { expression: inputs.place('decision') });
}

const longestReason = 1000;

function decidedBy(ctx: InteractionContext, inputs: Inputs, decision: Decision): Decided {
  const reason = inputs.text('reason')?.trim();
  if ((reason?.length ?? 0) > longestReason) {
    const text = `A reason has at most ${longestReason} characters`;
    throw new Problem('invalid-parameter', text, { expression: inputs.place('reason') });
  }
  return { decision, reason: reason || undefined, by: deciderOf(ctx), at: nowOf(ctx) };
}
