import type { ResourceType } from '../../fhir/resource-type.ts';
import { concerningParams } from '../../search/compartment.ts';
import type { StoredVersion } from '../../store/contract/store.ts';
import { parseResourceId, type ResourceId } from '../../values/resource-id.ts';

const path = 'Patient/';
const member = '"reference":"';

/**
 * Adds the Patients whose data the version is: itself, or every one to whom it refers. These are all of `patientsOf` and
 * those who only recorded it. The text is not parsed: the server wrote it, so it has no blanks and no escapes there.
 */
export function addPatientsIn(
  into: Set<ResourceId>,
  { type, id, text }: Pick<StoredVersion, 'type' | 'id' | 'text'>,
  baseUrl: string,
): void {
  if (type === 'Patient') into.add(id);
  if (text === undefined || !isAboutPatients(type)) return;
  // The path alone is looked for: what every reference begins with is met so often that to look for it costs many times more.
  for (let at = text.indexOf(path); at >= 0; at = text.indexOf(path, at)) {
    const isReference = endsWith(text, at, member) || endsWith(text, at, `${member}${baseUrl}/`);
    at += path.length;
    const id = isReference ? parseResourceId(idAt(text, at)) : undefined;
    if (id !== undefined) into.add(id);
  }
}

function endsWith(text: string, at: number, what: string): boolean {
  return text.startsWith(what, at - what.length);
}

function isAboutPatients(type: ResourceType): boolean {
  return type !== 'Patient' && concerningParams(type).length > 0;
}

/** What follows is the end of the reference, or the version that is meant. */
function idAt(text: string, at: number): string {
  const rest = text.slice(at, text.indexOf('"', at));
  const slash = rest.indexOf('/');
  return slash < 0 ? rest : rest.slice(0, slash);
}
