import type { Patient } from 'fhir/r4.js';
import { Problem, type ProblemKind } from '../../fhir/problem.ts';
import type { InteractionContext } from '../../interaction/context.ts';
import type { Operation } from '../../operation/operation.ts';
import { formatEpochDay } from '../../values/epoch-day.ts';
import type { ResourceId } from '../../values/resource-id.ts';
import { type Message, segmentOf } from '../er7/message.ts';
import { writeMessage } from '../er7/write-segment.ts';
import type { Finding } from '../finding.ts';
import { type CheckedQuery, checkQuery } from '../guide/check-query.ts';
import type { Guide } from '../guide/guide.ts';
import { type AckCode, ackCodeOf } from '../guide/write-ack.ts';
import { toNk1s, toPd1, toPid } from '../mapping/from-patient.ts';
import type { MappingTables } from '../mapping/mapping-tables.ts';
import { writeObxs } from '../mapping/obx.ts';
import { problemFinding } from '../mapping/problem-findings.ts';
import type { Sender } from '../mapping/receive-vxu.ts';
import { toPatient } from '../mapping/to-patient.ts';
import { noDose, type PersonHistory, toOrders } from '../mapping/to-vxu.ts';
import { type Found, findPerson } from './find-person.ts';
import { evaluationObxs, forecastObxs, readForecast } from './forecast-obxs.ts';
import { mostOf, toPidOf } from './query.ts';
import { type ReadEvaluated, readBeside, readDoses, readEvaluatedDoses, withOpened } from './read-person.ts';
import { type Asked, type Outcome, responseHead } from './response-head.ts';

export type QueryServices = {
  readonly guide: Guide;
  readonly tables: MappingTables;
  /** `$match` and `$consolidated-record`, as they are offered over HTTP. */
  readonly operations: readonly Operation[];
  readonly readEvaluated: ReadEvaluated;
};

export type QueryAnswer = {
  readonly text: string;
  readonly code: AckCode;
  readonly findings: readonly Finding[];
};

type Answering = {
  readonly services: QueryServices;
  readonly ctx: InteractionContext;
  readonly asked: Asked;
  /** What was found of a query that can be asked all the same. */
  readonly noticed: readonly Finding[];
};

type Query = Extract<CheckedQuery, { kind: 'accepted' }>;

export type AskedBy = {
  readonly sender: Sender;
  /** MSH-10 of the response. */
  readonly controlId: string;
};

/** QBP^Q11 Z34 and Z44: the response, asked as the caller. */
export async function answerQuery(
  services: QueryServices,
  ctx: InteractionContext,
  message: Message,
  { sender, controlId }: AskedBy,
): Promise<QueryAnswer> {
  const checked = checkQuery(services.guide, message);
  const msh = segmentOf(message, 'MSH');
  if (!msh) throw new Error('a message without MSH was let through');
  const qpd = checked.kind === 'accepted' ? checked.qpd : segmentOf(message, 'QPD');
  const answering = { services, ctx, asked: { msh, qpd, controlId }, noticed: checked.findings };
  if (checked.kind !== 'accepted') return answer(answering, bad, []);
  try {
    const who = toPatient(services.tables, { pid: toPidOf(checked.fit), nk1s: [] }, identityOf(sender));
    const found = await findPerson(ctx, services.operations, who.resource);
    return await tell(answering, checked, found);
  } catch (thrown) {
    if (!(thrown instanceof Problem)) throw thrown;
    const finding = problemFinding(thrown, { segment: 'QPD', occurrence: 1 });
    const noticed = [...checked.findings, finding];
    return answer({ ...answering, noticed }, unable.has(thrown.kind) ? refused : bad, []);
  }
}

const identityOf = ({ authority }: Sender) => ({ ...(authority !== undefined && { authority }) });

type Told = Pick<Outcome, 'profile' | 'status'> & { readonly code?: AckCode };

const bad: Told = { profile: 'Z33', status: 'AE', code: 'AE' };
const refused: Told = { profile: 'Z33', status: 'AR', code: 'AR' };

/** What is no fault of the query is told as such (table 0008, AR). */
const unable: ReadonlySet<ProblemKind> = new Set<ProblemKind>([
  'unauthenticated',
  'forbidden',
  'busy',
  'too-many-requests',
  'too-slow',
]);

function answer(
  { ctx, asked, noticed: findings }: Answering,
  told: Told,
  segments: readonly string[],
): QueryAnswer {
  const code = told.code ?? ackCodeOf(findings);
  const { profile, status } = told;
  const head = responseHead(asked, { profile, status, code, findings }, ctx.clock.now());
  return { text: writeMessage([...head, ...segments]), code, findings };
}

async function tell(answering: Answering, query: Query, found: Found): Promise<QueryAnswer> {
  const none = (status: Outcome['status']) => answer(answering, { profile: 'Z33', status }, []);
  switch (found.kind) {
    case 'none':
      return none('NF');
    case 'several':
      // Z44 has no list of candidates.
      if (query.profile === 'Z44' || found.patients.length > mostOf(query.rcp)) {
        const noticed = [...answering.noticed, uncertain(query)];
        return answer({ ...answering, noticed }, { profile: 'Z33', status: 'TM' }, []);
      }
      return answer(answering, ok('Z31'), candidates(answering, found.patients));
    case 'one':
      return query.profile === 'Z34'
        ? tellHistory(answering, found.patient)
        : tellForecast(answering, found.patient);
  }
}

/** TM alone does not say that to send more would help. */
function uncertain({ profile, rcp }: Query): Finding {
  const why =
    profile === 'Z44'
      ? 'Somebody may be meant, and it is not certain who'
      : `More persons may be meant than RCP-2 allows (${mostOf(rcp)})`;
  const text = `${why}. Send more of what is known: your number (QPD-3), mother's maiden name (QPD-5), address (QPD-8), phone (QPD-9).`;
  return { severity: 'I', code: '0', location: { segment: 'QPD', occurrence: 1 }, text };
}

const ok = (profile: Outcome['profile']): Told => ({ profile, status: 'OK' });

function candidates({ services }: Answering, patients: readonly Patient[]): readonly string[] {
  const { tables } = services;
  return patients.map((patient, at) => toPid(tables, patient, { number: at + 1, authority }));
}

const dayOf = ({ ctx }: Answering): string => formatEpochDay(ctx.clock.today()).replaceAll('-', '');

async function tellHistory(answering: Answering, patient: Patient): Promise<QueryAnswer> {
  const { tables, operations } = answering.services;
  const ctx = await withOpened(answering.ctx);
  const id = patient.id as ResourceId;
  const told = await readDoses(ctx, operations, id);
  const history = { ...told, ...(await readBeside(ctx, tables, id)) };
  const pd1 = toPd1(tables, history.patient);
  return answer(answering, ok('Z32'), [
    toPid(tables, history.patient, { authority }),
    ...(pd1 === undefined ? [] : [pd1]),
    ...toNk1s(tables, history.patient, history.kin),
    ...toOrders(tables, history, { authority, day: dayOf(answering) }),
  ]);
}

async function tellForecast(answering: Answering, patient: Patient): Promise<QueryAnswer> {
  const { tables, readEvaluated } = answering.services;
  const ctx = await withOpened(answering.ctx);
  const told = await readEvaluatedDoses(ctx, readEvaluated, patient.id as ResourceId);
  const forecast = readForecast(told.forecast);
  const evaluated = told.doses.flatMap((dose) => {
    const obxs = evaluationObxs(tables, forecast, dose);
    return dose.status === 'completed' && obxs.length > 0 ? [{ dose, obxs }] : [];
  });
  const only: PersonHistory = {
    patient: told.patient,
    kin: [],
    facts: [],
    doses: evaluated.map(({ dose }) => bare(dose)),
  };
  const obxsOf = new Map(evaluated.map(({ dose, obxs }) => [dose.id, obxs]));
  const day = dayOf(answering);
  const orders = toOrders(tables, only, { authority, day, more: ({ id }) => obxsOf.get(id) ?? [] });
  const counted = orders.filter((segment) => segment.startsWith('OBX')).length;
  return answer(answering, ok('Z42'), [
    toPid(tables, told.patient, { authority }),
    ...counting(orders),
    ...noDose(day, authority),
    ...writeObxs(forecastObxs(tables, forecast), counted + 1),
  ]);
}

/** What this registry is called where it gives a number of its own. */
const authority = 'JENNER';

/** What a Z42 tells of a dose beside is how it was evaluated. */
function bare(dose: PersonHistory['doses'][number]): PersonHistory['doses'][number] {
  const { programEligibility: _, fundingSource: __, education: ___, note: ____, ...rest } = dose;
  return rest;
}

/** OBX-1 goes on counting through the message. */
function counting(segments: readonly string[]): readonly string[] {
  let count = 0;
  return segments.map((segment) =>
    segment.startsWith('OBX|') ? segment.replace(/^OBX\|\d+/, () => `OBX|${++count}`) : segment,
  );
}
