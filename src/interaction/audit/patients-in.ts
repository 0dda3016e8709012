import type { ResourceType } from '../../fhir/resource-type.ts';
import { concerningParams } from '../../search/compartment.ts';
import type { StoredVersion } from '../../store/contract/store.ts';
import { parseResourceId, type ResourceId } from '../../values/resource-id.ts';

const relative = '"reference":"Patient/';

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
  addAll(into, text, relative);
  addAll(into, text, `"reference":"${baseUrl}/Patient/`);
}

function isAboutPatients(type: ResourceType): boolean {
  return type !== 'Patient' && concerningParams(type).length > 0;
}

function addAll(into: Set<ResourceId>, text: string, start: string): void {
  for (let at = text.indexOf(start); at >= 0; at = text.indexOf(start, at)) {
    at += start.length;
    // What follows is the end of the text, or the version that is meant.
    const quote = text.indexOf('"', at);
    const slash = text.indexOf('/', at);
    const end = slash >= 0 && slash < quote ? slash : quote;
    const id = parseResourceId(text.slice(at, end));
    if (id !== undefined) into.add(id);
  }
}
