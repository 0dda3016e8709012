import type { Resource } from '../../src/fhir/resource.ts';
import type { ModelJoin } from './joins-model.ts';
import type { TestServer } from './open-test-server.ts';

/** What the registry says of an id. */
export type Seen = {
  readonly id: string;
  readonly kind: 'source' | 'person' | 'replaced' | 'alone' | 'gone';
  /** To whom it belongs. */
  readonly person: string | undefined;
  readonly sources: readonly string[];
  /** When each of them was reported. */
  readonly reported: ReadonlyMap<string, string | undefined>;
  readonly replaces: readonly string[];
  readonly joins: readonly ModelJoin[];
  readonly body: Resource;
};

type Link = {
  readonly type: string;
  readonly other: { readonly reference: string };
  readonly extension?: readonly { readonly valueInstant?: string }[];
};
type Joined = {
  readonly url: string;
  readonly extension: readonly { readonly valueReference: { readonly reference: string } }[];
};

const recordSystem = 'https://jenner-iis.org/fhir/CodeSystem/record';
const joinedUrl = 'https://jenner-iis.org/fhir/StructureDefinition/joined';

export const patientIn = (reference = '') => reference.slice('Patient/'.length);

export async function look(server: TestServer, id: string): Promise<Seen> {
  const { status, body } = await server.get(`/fhir/Patient/${id}`);
  if (status !== 200) {
    return {
      id,
      kind: 'gone',
      person: undefined,
      sources: [],
      reported: new Map(),
      replaces: [],
      joins: [],
      body,
    };
  }
  const tag = (body.meta.tag ?? []).find(({ system }: { system: string }) => system === recordSystem);
  const links: readonly Link[] = body.link ?? [];
  const linked = (type: string) =>
    links.filter((link) => link.type === type).map(({ other }) => patientIn(other.reference));
  return {
    id,
    kind: tag?.code ?? 'alone',
    person: linked('refer')[0] ?? linked('replaced-by')[0],
    sources: linked('seealso'),
    reported: new Map(
      links.map(({ other, extension = [] }) => [patientIn(other.reference), extension[0]?.valueInstant]),
    ),
    replaces: linked('replaces'),
    joins: joinsIn(body.extension ?? []),
    body,
  };
}

function joinsIn(extensions: readonly Joined[]): readonly ModelJoin[] {
  const joined = extensions.filter(({ url }) => url === joinedUrl);
  return joined.map(({ extension: [record, other] }) => ({
    record: patientIn(record?.valueReference.reference),
    with: patientIn(other?.valueReference.reference),
  }));
}

/** The person to whom it belongs, or itself. */
export async function wholeOf(server: TestServer, seen: Seen): Promise<Seen> {
  return seen.person === undefined ? seen : look(server, seen.person);
}

export async function areOne(server: TestServer, a: Seen, b: Seen): Promise<boolean> {
  return (await wholeOf(server, a)).id === (await wholeOf(server, b)).id;
}

/** The records that a merge of an id may find alike. */
export async function recordsOf(server: TestServer, seen: Seen): Promise<readonly string[]> {
  const whole = await wholeOf(server, seen);
  return seen.kind === 'source' || whole.kind !== 'person' ? [seen.id] : whole.sources;
}

/** The records that an un-merge of an id is about: of a replaced person what it had, and is still of the person. */
export function namedBy(seen: Seen, whole: Seen): readonly string[] {
  return seen.kind === 'replaced' ? seen.sources.filter((id) => whole.sources.includes(id)) : [seen.id];
}

export type SeenTask = {
  readonly id: string;
  readonly version: string;
  readonly record: string;
  readonly with: string;
  readonly status: string;
  readonly decision: string | undefined;
};

/** All that was asked of Patients, in the order in which it was. */
export async function lookAtTasks(server: TestServer): Promise<readonly SeenTask[]> {
  const query = 'Task?code=review-duplicate&_sort=authored-on&_count=200';
  const { body } = await server.get(`/fhir/${query}`);
  const tasks = (body.entry ?? []).map(({ resource }: { resource: Record<string, never> }) => resource);
  // biome-ignore lint/suspicious/noExplicitAny: the answer of a server
  return tasks.map((task: any) => ({
    id: task.id,
    version: task.meta.versionId,
    record: patientIn(task.for.reference),
    with: patientIn(task.focus.reference),
    status: task.status,
    decision: task.output?.[0]?.valueCode,
  }));
}
