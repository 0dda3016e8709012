import type { Provenance } from 'fhir/r4.js';
import type { Resource } from '../../fhir/resource.ts';
import type { InteractionContext } from '../../interaction/context.ts';
import { parseStored } from '../../interaction/parse-stored.ts';
import type { Filter } from '../../search/filter.ts';
import { type EpochMs, parseMsRange } from '../../values/instant.ts';
import type { ErrorLocation, Finding } from '../finding.ts';
import { isOwned, type OwnRecord } from './own-records.ts';

/** Whether what is kept under a reference was said by a message that was sent later than this one. */
export type SaidLater = (reference: string) => boolean;

const never: SaidLater = () => false;
const pageSize = 500;

/**
 * Messages may arrive in another order than they were sent in: of two that speak of one person or dose the one counts that was
 * sent later (MSH-7), and where that is the same, or is not known, the one that arrives later. What a message said is told by
 * its Provenance, which is read only where something of the record was written after this message had been sent.
 */
export async function readSaidLater(
  ctx: InteractionContext,
  record: OwnRecord,
  { sent, owner }: { readonly sent: string | undefined; readonly owner: string | undefined },
): Promise<SaidLater> {
  const at = sent === undefined ? undefined : parseMsRange(sent)?.last;
  if (at === undefined || !isOvertaken(record, at)) return never;
  const later = new Set<string>();
  for await (const provenance of provenancesOf(ctx, record, owner)) addTargets(provenance, at, later);
  return later.size === 0 ? never : (reference) => later.has(reference);
}

async function* provenancesOf(
  ctx: InteractionContext,
  { patient }: OwnRecord,
  owner: string | undefined,
): AsyncGenerator<Provenance> {
  let after: string | undefined;
  do {
    const filter: Filter = { kind: 'concerns', anyOf: [patient.id ?? ''] };
    const query = { types: ['Provenance'], filter, sort: [], count: pageSize } as const;
    const page = await ctx.view.search(after === undefined ? query : { ...query, after }, 'records');
    const resources = page.matches.map((stored) => parseStored(stored).resource);
    yield* resources.filter((one) => isOwned(one, owner)) as unknown as readonly Provenance[];
    after = page.next;
    await ctx.pace();
  } while (after !== undefined);
}

function isOvertaken({ patient, doses, facts, kin, consents }: OwnRecord, at: EpochMs): boolean {
  const all: readonly Resource[] = [patient, ...doses, ...facts, ...kin, ...consents];
  return all.some(({ meta }) => (parseMsRange(meta?.lastUpdated ?? '')?.last ?? at) > at);
}

/** A sender's clock that is ahead is not believed: nobody sends later than it arrives. */
function addTargets(
  { occurredDateTime, recorded, target }: Provenance,
  at: EpochMs,
  later: Set<string>,
): void {
  const said = parseMsRange(occurredDateTime ?? '')?.first;
  const arrived = parseMsRange(recorded)?.first;
  if (said === undefined || arrived === undefined || Math.min(said, arrived) <= at) return;
  for (const { reference } of target) if (reference !== undefined) later.add(withoutVersion(reference));
}

const withoutVersion = (reference: string): string => reference.replace(/\/_history\/.*$/, '');

/** What is told where something that a message says is not taken for what was said later. */
export function overtaken(location: ErrorLocation): Finding {
  const text =
    'A message of yours that was sent later (MSH-7) spoke of this, and arrived before: what it said stays, and this one only adds to it';
  return { severity: 'W', code: '205', location, text };
}
