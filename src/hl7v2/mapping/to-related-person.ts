import type { CodeableConcept, RelatedPerson } from 'fhir/r4.js';
import type { Segment } from '../er7/message.ts';
import { toAddress } from './address.ts';
import { toConcept } from './coded.ts';
import { defined, some } from './extensions.ts';
import type { MappingTables } from './mapping-tables.ts';
import { toName } from './person-name.ts';
import { toTelecom } from './telecom.ts';
import { isDeleted, saying } from './v2-text.ts';

const roleSystem = 'http://terminology.hl7.org/CodeSystem/v3-RoleCode';

/** NK1: who is related, and how; undefined where nobody is named. */
export function toRelatedPerson(
  tables: MappingTables,
  nk1: Segment,
  patient: string,
): RelatedPerson | undefined {
  const names = saying(nk1, 2).map((piece) => toName(tables, piece));
  const name = some(names);
  if (!name) return undefined;
  return defined<RelatedPerson>({
    resourceType: 'RelatedPerson',
    patient: { reference: patient },
    relationship: some([relationshipOf(tables, nk1)]),
    name,
    telecom: some([...saying(nk1, 5), ...saying(nk1, 6)].map((piece) => toTelecom(tables, piece))),
    address: some(saying(nk1, 4).map((piece) => toAddress(tables, piece))),
  });
}

/** The elements that a field of `""` deletes. */
export function deletedOfKin(nk1: Segment): readonly string[] {
  return [
    ...(isDeleted(nk1, 4) ? ['address'] : []),
    ...(isDeleted(nk1, 5) || isDeleted(nk1, 6) ? ['telecom'] : []),
  ];
}

/** The code that was sent, and beside it that of R4's value set. */
function relationshipOf(tables: MappingTables, nk1: Segment): CodeableConcept | undefined {
  const [piece] = saying(nk1, 3);
  const sent = piece && toConcept(tables, piece, 'HL70063');
  const row = tables.toFhir('relationship', sent?.coding?.[0]?.code ?? '');
  if (!sent || !row) return sent;
  const { fhir: code, display } = row;
  const role = { system: roleSystem, code, ...(display !== undefined && { display }) };
  return { ...sent, coding: [...(sent.coding ?? []), role] };
}

/** By what an NK1 of one message is told from the others: two grandmothers may be called Mary. */
export function kinNameKey(person: Pick<RelatedPerson, 'relationship' | 'name'>): string {
  return `${kinKey(person)}|${person.name?.[0]?.family ?? ''}`.toUpperCase();
}

/** By what a sender's NK1 is known again: how somebody is related, and the given name. */
export function kinKey({ relationship, name }: Pick<RelatedPerson, 'relationship' | 'name'>): string {
  const code = relationship?.[0]?.coding?.[0]?.code ?? '';
  const [first] = name ?? [];
  return `${code}|${first?.given?.[0] ?? first?.family ?? ''}`.toUpperCase();
}
