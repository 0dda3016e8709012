import type { Parameters, Patient } from 'fhir/r4.js';
import { Problem, type ProblemKind } from '../../fhir/problem.ts';
import type { InteractionContext } from '../../interaction/context.ts';
import type { Operation } from '../../operation/operation.ts';
import { formatInstant } from '../../values/instant.ts';
import type { ResourceId } from '../../values/resource-id.ts';
import type { Message } from '../er7/message.ts';
import { writeMessage } from '../er7/write-segment.ts';
import type { Finding } from '../finding.ts';
import { toNk1s, toPd1, toPid } from '../mapping/from-patient.ts';
import type { MappingTables } from '../mapping/mapping-tables.ts';
import { writeObxs } from '../mapping/obx.ts';
import { problemFinding } from '../mapping/problem-findings.ts';
import type { Sender } from '../mapping/receive-vxu.ts';
import { toPatient } from '../mapping/to-patient.ts';
import { noDose, type PersonHistory, toOrders } from '../mapping/to-vxu.ts';
import { toV2Time } from '../mapping/v2-time.ts';
import { callOperation } from './call-operation.ts';
import { type Found, findPerson } from './find-person.ts';
import { evaluationObxs, forecastObxs, readForecast } from './forecast-obxs.ts';
import { type Query, readQuery, toPidOf } from './query.ts';
import { readHistory, withOpened } from './read-person.ts';
import { type Outcome, responseHead } from './response-head.ts';

export type QueryServices = {
  readonly tables: MappingTables;
  /** `$match`, `$consolidated-record` and `$immds-forecast`, as they are offered over HTTP. */
  readonly operations: readonly Operation[];
  /** What this registry is called where it gives a number of its own. */
  readonly authority: string;
};

export type QueryAnswer = {
  readonly text: string;
  readonly profile: Outcome['profile'];
  readonly findings: readonly Finding[];
};

type Answering = {
  readonly services: QueryServices;
  readonly ctx: InteractionContext;
  readonly query: Query;
};

/** QBP^Q11 Z34 or Z44: the response, asked as the caller, whose header was found good before. */
export async function answerQuery(
  services: QueryServices,
  ctx: InteractionContext,
  message: Message,
  { sender }: { readonly sender: Sender },
): Promise<QueryAnswer> {
  const { query, findings } = readQuery(message);
  const answering = { services, ctx, query };
  if (findings.length > 0 || !query.qpd) return answer(answering, bad(findings), []);
  try {
    const asked = toPatient(
      services.tables,
      { pid: toPidOf(query.qpd), nk1s: [] },
      identityOf(sender),
    ).resource;
    const found = await findPerson(ctx, services.operations, withoutOwner(asked));
    return await tell(answering, found);
  } catch (thrown) {
    if (!(thrown instanceof Problem)) throw thrown;
    const finding = problemFinding(thrown, { segment: 'QPD', occurrence: 1 });
    return answer(answering, refused(thrown.kind, [finding]), []);
  }
}

const identityOf = ({ authority }: Sender) => ({ ...(authority !== undefined && { authority }) });

/** Who asks says who is meant, and not whose the person is. */
function withoutOwner({ managingOrganization: _, ...asked }: Patient): Patient {
  return asked;
}

const bad = (findings: readonly Finding[]): Outcome => ({
  profile: 'Z33',
  status: 'AE',
  ack: 'AE',
  findings,
});

/** What is no fault of the query is told as such (table 0008, AR). */
const unable: ReadonlySet<ProblemKind> = new Set<ProblemKind>([
  'unauthenticated',
  'forbidden',
  'busy',
  'too-many-requests',
  'too-slow',
]);

function refused(kind: ProblemKind, findings: readonly Finding[]): Outcome {
  return unable.has(kind) ? { profile: 'Z33', status: 'AR', ack: 'AR', findings } : bad(findings);
}

function answer(
  { services, ctx, query }: Answering,
  outcome: Outcome,
  segments: readonly string[],
): QueryAnswer {
  const sent = toV2Time(formatInstant(ctx.clock.now())) ?? '';
  const head = responseHead(query, outcome, { sent, controlId: ctx.newId(), authority: services.authority });
  return { text: writeMessage([...head, ...segments]), profile: outcome.profile, findings: outcome.findings };
}

async function tell(answering: Answering, found: Found): Promise<QueryAnswer> {
  const { query } = answering;
  const none = (status: Outcome['status']) =>
    answer(answering, { profile: 'Z33', status, ack: 'AA', findings: [] }, []);
  switch (found.kind) {
    case 'none':
      return none('NF');
    case 'several':
      // Z44 has no list of candidates.
      if (query.profile === 'Z44' || found.patients.length > query.most) return none('TM');
      return answer(answering, ok('Z31'), candidates(answering, found.patients));
    case 'one':
      return query.profile === 'Z34'
        ? tellHistory(answering, found.patient)
        : tellForecast(answering, found.patient);
  }
}

const ok = (profile: Outcome['profile']): Outcome => ({ profile, status: 'OK', ack: 'AA', findings: [] });

function candidates({ services }: Answering, patients: readonly Patient[]): readonly string[] {
  const { tables, authority } = services;
  return patients.map((patient, at) => toPid(tables, patient, { number: at + 1, authority }));
}

async function historyOf({ services, ctx }: Answering, { id }: Patient) {
  const { tables, operations } = services;
  const opened = await withOpened(ctx);
  const history = await readHistory(opened, operations, tables, id as ResourceId);
  return { opened, history };
}

const dayOf = ({ ctx }: Answering): string => formatInstant(ctx.clock.now()).slice(0, 10).replaceAll('-', '');

async function tellHistory(answering: Answering, patient: Patient): Promise<QueryAnswer> {
  const { services } = answering;
  const { tables, authority } = services;
  const { history } = await historyOf(answering, patient);
  const pd1 = toPd1(tables, history.patient);
  return answer(answering, ok('Z32'), [
    toPid(tables, history.patient, { authority }),
    ...(pd1 === undefined ? [] : [pd1]),
    ...toNk1s(tables, history.patient, history.kin),
    ...toOrders(tables, history, { authority, day: dayOf(answering) }),
  ]);
}

async function tellForecast(answering: Answering, patient: Patient): Promise<QueryAnswer> {
  const { services } = answering;
  const { tables, authority, operations } = services;
  const { opened, history } = await historyOf(answering, patient);
  const parameters = await callOperation<Parameters>(opened, operations, {
    code: 'immds-forecast',
    type: 'Patient',
    id: history.patient.id as ResourceId,
  });
  const forecast = readForecast(parameters);
  const evaluated = history.doses.flatMap((dose) => {
    const obxs = evaluationObxs(tables, forecast, `Immunization/${dose.id}`);
    return dose.status === 'completed' && obxs.length > 0 ? [{ dose, obxs }] : [];
  });
  const only: PersonHistory = { ...history, facts: [], doses: evaluated.map(({ dose }) => bare(dose)) };
  const obxsOf = new Map(evaluated.map(({ dose, obxs }) => [dose.id, obxs]));
  const day = dayOf(answering);
  const orders = toOrders(tables, only, { authority, day, more: ({ id }) => obxsOf.get(id) ?? [] });
  const counted = orders.filter((segment) => segment.startsWith('OBX')).length;
  return answer(answering, ok('Z42'), [
    toPid(tables, history.patient, { authority }),
    ...counting(orders),
    ...noDose(day, authority),
    ...writeObxs(forecastObxs(tables, forecast), counted + 1),
  ]);
}

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
