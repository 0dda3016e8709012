import type { DateBound, Filter, TokenPattern, ValueTest } from '../../search/filter.ts';
import type { AuditAction, AuditOutcome, AuditQuery } from '../../store/contract/audit.ts';
import type { EpochMs } from '../../values/instant.ts';
import { tableOf } from '../../values/table-of.ts';
import { auditOrigin } from './audit-event.ts';

/** What a search of AuditEvents asks of the server's own. */
export type AuditQuestion = Pick<
  AuditQuery,
  'patients' | 'agent' | 'from' | 'to' | 'actions' | 'outcomes'
> & {
  /** These only. */
  readonly ids?: readonly string[];
  /** None of the server's own can be meant. */
  readonly isNone?: true;
};

/** By which parameters the server's own AuditEvents are searched. */
export const auditParams = [
  'patient',
  'agent',
  'agent-name',
  'date',
  'action',
  'outcome',
  'type',
  '_id',
  '_tag',
];

/** Undefined when it asks for something that is not known of rows. */
export function toAuditQuestion(filter: Filter): AuditQuestion | undefined {
  switch (filter.kind) {
    case 'and':
      return together(filter.of.map(toAuditQuestion));
    case 'or':
      return filter.of.length === 0 ? { isNone: true } : oneSpan(filter.of.map(toAuditQuestion));
    case 'id':
      return { ids: filter.anyOf };
    case 'value':
      return questions[filter.param]?.(filter.test);
    case 'type':
      return filter.anyOf.includes('AuditEvent') ? {} : { isNone: true };
    case 'not':
    case 'concerns':
    case 'reach':
    case 'lastUpdated':
    case 'present':
    case 'chain':
    case 'has':
      return undefined;
  }
}

/** All must hold; what is asked for twice is not told by one row, but for spans of time. */
function together(parts: readonly (AuditQuestion | undefined)[]): AuditQuestion | undefined {
  if (parts.some((part) => part?.isNone)) return { isNone: true };
  let all: AuditQuestion = {};
  for (const part of parts) {
    if (!part || Object.keys(part).some((name) => name in all && !isTime(name))) return undefined;
    const { from = all.from, to = all.to, ...rest } = part;
    all = {
      ...all,
      ...rest,
      ...(from !== undefined && { from: Math.max(from, all.from ?? from) as EpochMs }),
      ...(to !== undefined && { to: Math.min(to, all.to ?? to) as EpochMs }),
    };
  }
  return all;
}

function isTime(name: string): boolean {
  return name === 'from' || name === 'to';
}

/** One of several spans of time that leave nothing out between them, as `ge` has two; undefined for anything else. */
function oneSpan(parts: readonly (AuditQuestion | undefined)[]): AuditQuestion | undefined {
  const spans = parts.flatMap((part) => (part && Object.keys(part).every(isTime) ? [part] : []));
  if (spans.length < parts.length) return undefined;
  const [first, ...others] = spans.sort((a, b) => startOf(a) - startOf(b));
  if (!first) return undefined;
  let end = endOf(first);
  for (const span of others) {
    if (startOf(span) > end + 1) return undefined;
    end = Math.max(end, endOf(span));
  }
  const { from } = first;
  return { ...(from !== undefined && { from }), ...(Number.isFinite(end) && { to: end as EpochMs }) };
}

function startOf({ from = Number.NEGATIVE_INFINITY as EpochMs }: AuditQuestion): number {
  return from;
}

function endOf({ to = Number.POSITIVE_INFINITY as EpochMs }: AuditQuestion): number {
  return to;
}

type Read = (test: ValueTest) => AuditQuestion | undefined;

const questions: Readonly<Record<string, Read>> = tableOf({
  patient: (test) => {
    if (test.kind !== 'reference') return undefined;
    const patients = test.anyOf.flatMap(({ type = 'Patient', id }) => (type === 'Patient' && id ? [id] : []));
    return patients.length < test.anyOf.length ? undefined : { patients };
  },
  agent: (test) => {
    const [only, ...others] = test.kind === 'reference' ? test.anyOf : [];
    if (only?.id === undefined || others.some(({ id }) => id !== only.id)) return undefined;
    return { agent: only.type === undefined || others.length > 0 ? only.id : `${only.type}/${only.id}` };
  },
  'agent-name': (test) =>
    test.kind === 'string' && test.match !== 'substring' && test.match !== 'suffix'
      ? { agent: test.text }
      : undefined,
  date: (test) => (test.kind === 'date' ? spanOf(test.bounds) : undefined),
  action: (test) => {
    const codes = codesOf(test)?.map((code) => code.toUpperCase());
    const actions = (['C', 'R', 'U', 'D', 'E'] satisfies AuditAction[]).filter((one) => codes?.includes(one));
    return codes && { actions };
  },
  outcome: (test) => {
    const codes = codesOf(test);
    const outcomes = ([0, 4, 8, 12] satisfies AuditOutcome[]).filter((one) => codes?.includes(String(one)));
    return codes && { outcomes };
  },
  type: (test) => {
    const codes = codesOf(test);
    return codes && (codes.includes('rest') ? {} : { isNone: true });
  },
  _tag: (test) => {
    const [only, ...others] = test.kind === 'token' ? test.anyOf : [];
    if (!only || others.length > 0 || only.system !== auditOrigin) return undefined;
    return only.code === 'client' ? { isNone: true } : {};
  },
});

function codesOf(test: ValueTest): readonly string[] | undefined {
  if (test.kind !== 'token') return undefined;
  const codes = test.anyOf.flatMap(({ code }: TokenPattern) => (code === undefined ? [] : [code]));
  return codes.length < test.anyOf.length ? undefined : codes;
}

/** A row has one moment, which is both ends of its span. */
function spanOf(bounds: readonly DateBound[]): AuditQuestion {
  const from = bounds.flatMap(({ is, at }) => (is === '>' ? [at + 1] : is === '>=' ? [at] : []));
  const to = bounds.flatMap(({ is, at }) => (is === '<' ? [at - 1] : is === '<=' ? [at] : []));
  return {
    ...(from.length > 0 && { from: Math.max(...from) as EpochMs }),
    ...(to.length > 0 && { to: Math.min(...to) as EpochMs }),
  };
}
