import type { Resource } from '../fhir/resource.ts';
import type { ResourceType } from '../fhir/resource-type.ts';
import { parseStoredInTurns } from '../interaction/parse-stored.ts';
import { compartmentParams, patientsOf } from '../search/compartment.ts';
import { drawWithPauses } from '../search/draw-values.ts';
import { allOf, anyOf, type Filter } from '../search/filter.ts';
import { type SnapshotPage, type SnapshotQuery, toLines } from '../store/contract/snapshot.ts';
import type { StoredResource } from '../store/contract/store.ts';
import type { ResourceId } from '../values/resource-id.ts';
import { nextTurn } from '../values/turns.ts';
import type { ExportPart } from './export-plan.ts';
import { matchingReplaced } from './judge-replaced.ts';
import { requireWhole } from './require-whole.ts';
import { subsetTexts } from './subset-texts.ts';
import type { Writing } from './writing.ts';

/** What is written of some people: lines, and from where to go on. */
export type Blocks = {
  readonly lines: Uint8Array;
  readonly count: number;
  readonly next: string | undefined;
};

/** People whose data is gathered together. */
const together = 200;
const pageSize = 1000;

/**
 * Bulk Data, organizeOutputBy=Patient: of each person a header, the Patient, and all of the compartment that is exported,
 * one after the other; who has nothing that is exported has no block. What belongs to two people stands in both blocks.
 */
export async function readBlocks(
  writing: Writing,
  persons: Filter,
  parts: readonly ExportPart[],
  after: string | undefined,
): Promise<Blocks> {
  const { plan, store } = writing;
  const count = Math.min(together, writing.pageSize ?? together);
  const query = { type: 'Patient', at: plan.snapshot.position, count } as const;
  const { found, next } = await writing.freeze(persons, async (frozen) => {
    const asked = { ...query, filter: frozen };
    const page = await store.scanSnapshot(after === undefined ? asked : { ...asked, after });
    return { found: await textsOf(writing, frozen, page, 'Patient'), next: page.next };
  });
  const ids = found.map(({ id }) => id).sort();
  const blocks = new Map<ResourceId, string[]>(ids.map((id) => [id, []]));
  if (ids.length > 0) for (const part of parts) await gather(writing, part, blocks);
  const lines: string[] = [];
  for (const [id, texts] of blocks) if (texts.length > 0) lines.push(headerOf(id), ...texts);
  return { lines: toLines(lines), count: lines.length, next };
}

/** Those of which there is anything: a registry holds few of the types that there are. */
export async function partsInBlocks(writing: Writing): Promise<readonly ExportPart[]> {
  const { plan, store, freeze } = writing;
  const found: ExportPart[] = [];
  for (const part of plan.parts) {
    if (part.type !== 'Patient' && compartmentParams(part.type).length === 0) continue;
    const { lines, replaced, next } = await freeze(part.filter, (filter) =>
      store.scanSnapshot({ ...askedOf(plan, part), filter, count: 1 }),
    );
    if (lines.length > 0 || replaced.length > 0 || next !== undefined) found.push(part);
  }
  // The person comes first.
  return found.toSorted((a, b) => Number(b.type === 'Patient') - Number(a.type === 'Patient'));
}

function askedOf({ snapshot, since }: Writing['plan'], { type, filter }: ExportPart) {
  return { type, at: snapshot.position, filter, ...(since && { since }) };
}

function headerOf(id: ResourceId): string {
  const parameter = [{ name: 'header', valueReference: { reference: `Patient/${id}` } }];
  return JSON.stringify({ resourceType: 'Parameters', parameter });
}

async function gather(
  writing: Writing,
  part: ExportPart,
  blocks: ReadonlyMap<ResourceId, string[]>,
): Promise<void> {
  const { plan, store, work } = writing;
  const { type, elements } = part;
  const filter = allOf([part.filter, ofPersons(type, [...blocks.keys()])]);
  requireWhole(writing, { ...part, filter });
  const query: SnapshotQuery = { ...askedOf(plan, part), filter, count: pageSize };
  let after: string | undefined;
  do {
    work.signal.throwIfAborted();
    const { found, next } = await writing.freeze(filter, async (frozen) => {
      const asked = { ...query, filter: frozen };
      const page = await store.scanSnapshot(after === undefined ? asked : { ...asked, after });
      return { found: await textsOf(writing, frozen, page, type), next: page.next };
    });
    for (const version of found) {
      const owners = await ownersOf(writing, version);
      const [text = ''] = elements
        ? await subsetTexts(writing, type, [version.text], elements)
        : [version.text];
      for (const owner of owners) blocks.get(owner)?.push(text);
    }
    after = next;
  } while (after !== undefined);
}

/** R4 compartmentdefinition-patient.html. */
function ofPersons(type: ResourceType, ids: readonly ResourceId[]): Filter {
  const persons: Filter = { kind: 'id', anyOf: ids };
  if (type === 'Patient') return persons;
  return anyOf(
    compartmentParams(type).map((param) => ({ kind: 'chain', param, type: 'Patient', of: persons })),
  );
}

/** In whose compartment it is. Whom it is about is noted for the audit. */
async function ownersOf(
  { context, persons }: Writing,
  version: StoredResource,
): Promise<ReadonlySet<ResourceId>> {
  const { type, id } = version;
  if (type === 'Patient') {
    persons.add(id);
    return new Set([id]);
  }
  const { resource } = await parseStoredInTurns(version, nextTurn);
  const { index } = await drawWithPauses(context.indexResource, version, resource, nextTurn);
  for (const one of patientsOf(type, id, index)) persons.add(one);
  const owners = compartmentParams(type).flatMap((param) =>
    (index[param] ?? []).flatMap((value) =>
      value.kind === 'reference' && value.type === 'Patient' ? [value.id as ResourceId] : [],
    ),
  );
  return new Set(owners);
}

async function textsOf(
  { store, context }: Writing,
  filter: Filter,
  page: SnapshotPage,
  type: ResourceType,
): Promise<readonly StoredResource[]> {
  const ground = { store, indexResource: context.indexResource };
  const same = new TextDecoder().decode(page.lines).split('\n').slice(0, -1);
  const stored = same.map((text) => {
    const { id, meta } = JSON.parse(text) as Resource & { readonly meta?: { readonly versionId?: string } };
    return { type, id, versionId: Number(meta?.versionId), text } as unknown as StoredResource;
  });
  return [...stored, ...(await matchingReplaced(ground, filter, page.replaced))];
}
