import { Problem } from '../../fhir/problem.ts';
import type { Resource } from '../../fhir/resource.ts';
import { hasWritten } from '../../fhir/written-numbers.ts';
import type { InteractionContext } from '../../interaction/context.ts';
import type { BundleServices, EntryAnswer } from '../../interaction/entry-answer.ts';
import { runTransaction } from '../../interaction/transaction.ts';
import { type EpochMs, formatInstant } from '../../values/instant.ts';
import type { ResourceId } from '../../values/resource-id.ts';
import type { CheckedVxu } from '../checked-message.ts';
import type { Finding } from '../finding.ts';
import type { DoseOutcome } from './plan-order.ts';
import { type MessagePlan, planVxu } from './plan-vxu.ts';
import { entryOf, refusalFinding } from './problem-findings.ts';
import type { DoseMapping } from './to-immunization.ts';
import type { SenderIdentity } from './to-patient.ts';
import { toProvenance } from './to-provenance.ts';
import { fieldText } from './v2-text.ts';
import { zoneOf } from './v2-time.ts';
import type { Entry, Part } from './write-parts.ts';

export type Sender = {
  readonly organization?: ResourceId | undefined;
  /** What MSH-4 chose among the account's facilities, by its name. */
  readonly facility?: string | undefined;
  /** The authority of ids that name none. */
  readonly authority?: string | undefined;
};

export type ReceiveOptions = {
  readonly sender: Sender;
  /** Called before each attempt to write, with all that is told of the message by then. */
  readonly onTold?: (findings: readonly Finding[]) => void;
  /** Of a message that is processed again: when it was before. What was written later than that stays. */
  readonly processedAt?: EpochMs | undefined;
};

export type ReceivedDose = {
  readonly order: number;
  readonly kind: DoseOutcome['kind'];
  readonly id?: ResourceId;
};

/** `refused`: nothing was kept. */
export type Received =
  | { readonly kind: 'refused'; readonly findings: readonly Finding[] }
  | {
      readonly kind: 'kept';
      readonly findings: readonly Finding[];
      /** The sender's own record. */
      readonly patientId: ResourceId;
      readonly doses: readonly ReceivedDose[];
    };

type Accepted = Extract<CheckedVxu, { kind: 'accepted' }>;

/** So often is a message planned anew on what somebody else has written meanwhile. */
const maxAttempts = 10;

/**
 * A VXU becomes one write unit, by the same door as a transaction of FHIR: what the account may do, the audit and the
 * rules of writes are those. An order that may not be kept is left out and told; without the Patient nothing is kept.
 */
export async function receiveVxu(
  mapping: DoseMapping,
  ctx: InteractionContext,
  checked: CheckedVxu,
  options: ReceiveOptions,
): Promise<Received> {
  if (checked.kind === 'refused') return checked;
  for (let attempt = 1; ; attempt++) {
    try {
      return await receiveOnce(mapping, ctx, checked, options);
    } catch (thrown) {
      if (!(thrown instanceof Problem)) throw thrown;
      if (thrown.kind === 'stale-version' && attempt < maxAttempts) continue;
      const refusal = refusalFinding(thrown, {
        isAll: true,
        hasOrganization: hasOrganization(options.sender),
      });
      return { kind: 'refused', findings: [...checked.findings, refusal] };
    }
  }
}

async function receiveOnce(
  mapping: DoseMapping,
  ctx: InteractionContext,
  checked: Accepted,
  { sender, onTold = () => {}, processedAt }: ReceiveOptions,
): Promise<Received> {
  const identity = identityOf(checked, sender);
  const plan = await planVxu({ mapping, ctx, checked, sender: identity, processedAt });
  const findings = [...checked.findings, ...plan.findings];
  const more = (told: readonly Finding[], parts: readonly Part[]) => {
    onTold(told);
    return provenanceOf({ ctx, checked, sender: identity, facility: sender.facility }, plan, parts);
  };
  const written = await writeParts(
    ctx,
    { hasOrganization: hasOrganization(sender), ...plan },
    findings,
    more,
  );
  if (written.kind === 'refused') return written;
  return {
    kind: 'kept',
    findings: written.findings,
    patientId: idOf(plan.reference, written.answers),
    doses: plan.outcomes.flatMap((outcome) => toReceived(outcome, written.answers)),
  };
}

const hasOrganization = ({ organization }: Sender): boolean => organization !== undefined;

function identityOf({ msh }: Accepted, { organization, authority }: Sender): SenderIdentity {
  return {
    ...(organization !== undefined && { organization }),
    ...(authority !== undefined && { authority }),
    zone: zoneOf(fieldText(msh, 7)),
  };
}

type Answers = ReadonlyMap<string, EntryAnswer>;

type Written =
  | { readonly kind: 'refused'; readonly findings: readonly Finding[] }
  | { readonly kind: 'written'; readonly findings: readonly Finding[]; readonly answers: Answers };

type More = (findings: readonly Finding[], parts: readonly Part[]) => readonly Entry[];

/** More parts than this are not left out one by one: then the message is refused. */
const mostLeftOut = 50;

/** All parts in one unit; where one may not be written, the others without it. */
async function writeParts(
  ctx: InteractionContext,
  plan: MessagePlan & { readonly hasOrganization: boolean },
  told: readonly Finding[],
  more: More,
): Promise<Written> {
  let parts = plan.parts;
  let findings = told;
  for (let leftOut = 0; ; leftOut++) {
    const own = parts.flatMap(({ entries }) => entries);
    const tried = await tryEntries(ctx, [...own, ...more(findings, parts)]);
    if (!(tried instanceof Problem)) return { kind: 'written', findings, answers: tried };
    const part = partOf(parts, entryOf(tried));
    const isAll = !part || part.isEssential || leftOut >= mostLeftOut;
    const { hasOrganization } = plan;
    findings = [...findings, refusalFinding(tried, { location: part?.location, isAll, hasOrganization })];
    if (isAll) return { kind: 'refused', findings };
    parts = parts.filter((one) => one !== part);
  }
}

/** What was answered, or why it may not be kept. */
async function tryEntries(ctx: InteractionContext, entries: readonly Entry[]): Promise<Answers | Problem> {
  if (entries.length === 0) return new Map();
  try {
    return answersBy(entries, await runTransaction(ctx, toBundle(entries), services));
  } catch (thrown) {
    if (!(thrown instanceof Problem) || thrown.kind === 'stale-version') throw thrown;
    return thrown;
  }
}

function partOf(parts: readonly Part[], entry: number | undefined): Part | undefined {
  if (entry === undefined) return undefined;
  let first = 0;
  return parts.find(({ entries }) => {
    first += entries.length;
    return entry < first;
  });
}

function toBundle(entries: readonly Entry[]) {
  const resource = { resourceType: 'Bundle', type: 'transaction', entry: entries } as unknown as Resource;
  return { resource, exactNumbers: entries.some(mayHaveDigits) };
}

/** Whether a number may be written otherwise than JavaScript would: in what is kept already, or the amount of a new dose. */
function mayHaveDigits({ request, resource }: Entry): boolean {
  if (request.ifMatch !== undefined) return true;
  const amount = resource?.['doseQuantity'];
  return typeof amount === 'object' && amount !== null && hasWritten(amount);
}

/** What only entries that read would need. */
const services: BundleServices = {
  operate: () => {
    throw new Error('a message calls no operations');
  },
  capabilities: () => {
    throw new Error('a message asks for no capabilities');
  },
};

function answersBy(entries: readonly Entry[], answers: readonly EntryAnswer[]): Answers {
  const byUrl = new Map<string, EntryAnswer>();
  for (const [at, { fullUrl, request }] of entries.entries()) {
    const answer = answers[at];
    if (answer) byUrl.set(fullUrl ?? request.url, answer);
  }
  return byUrl;
}

function idOf(reference: string, answers: Answers): ResourceId {
  const written = answers.get(reference)?.version?.id;
  return written ?? (reference.slice(reference.indexOf('/') + 1) as ResourceId);
}

/** An order that was left out is told by its finding. */
function toReceived({ order, kind, reference }: DoseOutcome, answers: Answers): readonly ReceivedDose[] {
  if (reference === undefined) return kind === 'none' ? [{ order, kind }] : [];
  const isThere = kind === 'unchanged' || kind === 'deleted' || answers.has(reference);
  return isThere ? [{ order, kind, id: idOf(reference, answers) }] : [];
}

type Source = {
  readonly ctx: InteractionContext;
  readonly checked: Accepted;
  readonly sender: SenderIdentity;
  readonly facility: string | undefined;
};

/** What was written came in this message; where nothing is, nothing is told of it. */
function provenanceOf(
  { ctx, checked, sender, facility }: Source,
  { reference, wrap }: MessagePlan,
  parts: readonly Part[],
): readonly Entry[] {
  const entries = parts.flatMap((part) => part.entries);
  if (entries.length === 0) return [];
  const targets = [...new Set([reference, ...entries.map(({ fullUrl, request }) => fullUrl ?? request.url)])];
  const { msh, orders } = checked;
  const recorded = formatInstant(ctx.clock.now());
  const provenance = toProvenance({ msh, orders, sender, facility }, targets, recorded);
  return [
    { resource: wrap(provenance) as unknown as Resource, request: { method: 'POST', url: 'Provenance' } },
  ];
}
