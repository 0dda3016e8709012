import { isResourceType } from '../../fhir/resource-type.ts';
import type { ResourceId } from '../../values/resource-id.ts';
import type { AuditedKey, AuditRow } from './audit.ts';

/** What a store keeps of a row as one text: all but what it is found by. */
export type AuditText = Omit<AuditRow, 'id' | 'at' | 'agent' | 'action' | 'outcome'>;

/** Short, since there are some hundred million a year: a list, what is absent at its end left out. */
export function writeAuditText({
  interaction,
  patients,
  what,
  from,
  query,
  purpose,
  why,
  breakGlass,
}: AuditText): string {
  const members = [
    interaction,
    patients.join(' '),
    what.map(writeKey).join(' '),
    from ?? '',
    query ?? '',
    purpose ?? '',
    why ?? '',
    breakGlass ? 1 : '',
  ];
  while (members.at(-1) === '') members.pop();
  return JSON.stringify(members);
}

export function readAuditText(text: string): AuditText {
  const [
    interaction = '',
    patients = '',
    what = '',
    from = '',
    query = '',
    purpose = '',
    why = '',
    breakGlass = '',
  ] = JSON.parse(text) as readonly string[];
  return {
    interaction,
    patients: wordsOf(patients) as readonly ResourceId[],
    what: wordsOf(what).flatMap(readKey),
    ...(from !== '' && { from }),
    ...(query !== '' && { query }),
    ...(purpose !== '' && { purpose }),
    ...(why !== '' && { why }),
    ...(breakGlass !== '' && { breakGlass: true as const }),
  };
}

function wordsOf(text: string): readonly string[] {
  return text === '' ? [] : text.split(' ');
}

function writeKey({ type, id, versionId }: AuditedKey): string {
  return versionId === undefined ? `${type}/${id}` : `${type}/${id}/${versionId}`;
}

function readKey(text: string): readonly AuditedKey[] {
  const [type = '', id = '', version] = text.split('/');
  if (!isResourceType(type)) return [];
  const key = { type, id: id as ResourceId };
  return [version === undefined ? key : { ...key, versionId: Number(version) }];
}
