import type { RelatedPerson } from 'fhir/r4.js';
import type { Resource } from '../../fhir/resource.ts';
import { isSameJson } from '../../fhir/same-json.ts';
import type { Segment } from '../er7/message.ts';
import { defined, some } from './extensions.ts';
import { type Built, fillIn, mergeBuilt } from './merge.ts';
import { type PersonInput, withOwner } from './plan-patient.ts';
import { deletedOfKin, kinKey, kinNameKey, toRelatedPerson } from './to-related-person.ts';
import { changed, created, type Entry, type Part } from './write-parts.ts';

type Kept = Resource & RelatedPerson;

/** Who is related, as one NK1 or several say it. */
type SentKin = Built<RelatedPerson> & { readonly nk1: Segment };

export function kinParts(input: PersonInput, reference: string): readonly Part[] {
  const sent = sentKin(input, reference);
  return sent.map((kin) => ({
    location: { segment: 'NK1', occurrence: kin.nk1.occurrence },
    isEssential: false,
    entries: kinEntries(input, kin, keptOf(input.record?.kin ?? [], kin, sent)),
  }));
}

function sentKin({ tables, segments }: PersonInput, reference: string): readonly SentKin[] {
  const sent = new Map<string, SentKin>();
  for (const nk1 of segments.nk1s) {
    const resource = toRelatedPerson(tables, nk1, reference);
    if (!resource) continue;
    const key = kinNameKey(resource);
    const before = sent.get(key);
    const deletes = [...(before?.deletes ?? []), ...deletedOfKin(nk1)];
    sent.set(
      key,
      before
        ? { nk1: before.nk1, resource: joined(before.resource, resource), deletes }
        : { nk1, resource, deletes },
    );
  }
  return [...sent.values()];
}

/** What two NK1 say of one: some systems send one for each phone. */
function joined(first: RelatedPerson, second: RelatedPerson): RelatedPerson {
  return defined<RelatedPerson>({
    ...first,
    name: some(distinct([...(first.name ?? []), ...(second.name ?? [])])),
    telecom: some(distinct([...(first.telecom ?? []), ...(second.telecom ?? [])])),
    address: some(distinct([...(first.address ?? []), ...(second.address ?? [])])),
  });
}

const distinct = <Item>(items: readonly Item[]): Item[] =>
  items.filter((item, at) => items.findIndex((one) => isSameJson(one, item)) === at);

/** The one of that family name; a family name changes, so another one where nobody else is meant. */
function keptOf(kin: readonly Kept[], { resource }: SentKin, sent: readonly SentKin[]): Kept | undefined {
  const alike = kin.filter((one) => kinKey(one) === kinKey(resource));
  const same = alike.find((one) => kinNameKey(one) === kinNameKey(resource));
  const isAlone = sent.filter((one) => kinKey(one.resource) === kinKey(resource)).length === 1;
  return same ?? (isAlone && alike.length === 1 ? alike[0] : undefined);
}

function kinEntries(input: PersonInput, built: SentKin, kept: Kept | undefined): readonly Entry[] {
  if (!kept) return [created(withOwner(input, built.resource), input.numbering.next())];
  const isLate = input.saidLater?.(`RelatedPerson/${kept.id}`) === true;
  const merge = isLate ? fillIn : mergeBuilt;
  return changed(kept, merge(kept, built));
}
