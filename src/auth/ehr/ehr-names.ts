import type { Resource } from '../../fhir/resource.ts';
import { asObject, type EhrServer, readFromEhr } from '../../registry/ehr-record/ehr-record.ts';
import { localPart, nameOfAny } from './carry-over.ts';

const asked: ReadonlySet<string> = new Set(['Practitioner', 'PractitionerRole', 'Organization', 'Location']);
/** Names are read for words alone; the id of who is not asked about goes along all the same. */
const mostNames = 20;

/** How the EHR calls whom and what resources refer to without words; without those of which it tells nothing. */
export async function readNames(
  server: EhrServer,
  resources: readonly Resource[],
): Promise<ReadonlyMap<string, string>> {
  const base = server.fhirServer ?? '';
  const unnamed = new Set(resources.flatMap((resource) => [...unnamedIn(resource, base)]));
  const found = await Promise.all([...unnamed].slice(0, mostNames).map((path) => nameAt(server, path)));
  return new Map(found.flat());
}

function* unnamedIn(value: unknown, base: string): Generator<string> {
  if (Array.isArray(value)) for (const one of value) yield* unnamedIn(one, base);
  const object = asObject(value);
  if (!object) return;
  const { reference, display } = object;
  const local =
    typeof reference === 'string' && display === undefined ? localPart(reference, base) : undefined;
  if (local !== undefined && asked.has(local.split('/')[0] ?? '')) yield local;
  for (const one of Object.values(object)) yield* unnamedIn(one, base);
}

async function nameAt(server: EhrServer, path: string): Promise<readonly (readonly [string, string])[]> {
  const [type = '', id] = path.split('/');
  const [resource] = (await readFromEhr(server, { type, path }))?.resources ?? [];
  const name = resource?.id === id ? nameOfAny(resource ?? {}) : undefined;
  return name === undefined ? [] : [[path, name]];
}
