import type { Resource } from '../../fhir/resource.ts';
import { isResourceType } from '../../fhir/resource-type.ts';
import type { AuditAgent, AuditRow } from '../../store/contract/audit.ts';
import type { Cursor, ResourceKey } from '../../store/contract/store.ts';
import { type EpochMs, formatInstant } from '../../values/instant.ts';
import { parseResourceId } from '../../values/resource-id.ts';
import { tableOf } from '../../values/table-of.ts';
import type { InteractionContext } from '../context.ts';
import { withKnownCursor } from '../with-known-cursor.ts';

/** One line of "who saw my record". Names are looked up as far as the caller may see them. */
export type SeenRow = {
  /** A FHIR instant. */
  readonly when: string;
  readonly who: string;
  readonly role?: string;
  readonly organization?: string;
  /** The client_id. */
  readonly app?: string;
  /** `read`, `search`, `history`, `create`, `update`, `delete`, `look-up`, `operation $code` … */
  readonly what: string;
  /** The reason that was given in words, else the code of the purpose (v3-ActReason). */
  readonly why?: string;
  readonly refused: boolean;
  readonly breakGlass: boolean;
};

export type SeenPage = { readonly rows: readonly SeenRow[]; readonly next?: Cursor };

const pageSize = 50;

/** Who saw or changed the record of the Patient, the newest first: as much as the caller may see of it. */
export async function seenOf(ctx: InteractionContext, patient: string, after?: Cursor): Promise<SeenPage> {
  const query = { patients: [patient], count: pageSize };
  const page = await withKnownCursor(() =>
    ctx.view.searchAudit(after === undefined ? query : { ...query, after }),
  );
  const names = await namesFor(ctx, page.rows);
  const rows = page.rows.map((row) => toSeen(row, names));
  return { rows, ...(page.next !== undefined && { next: page.next }) };
}

function toSeen(row: AuditRow, names: ReadonlyMap<string, string>): SeenRow {
  const { agent, purpose, why = purpose } = row;
  const { client, role, organization } = agent;
  return {
    when: formatInstant(row.at as EpochMs),
    who: whoOf(agent, names),
    ...(role !== undefined && { role }),
    ...(organization !== undefined && {
      organization: names.get(`Organization/${organization}`) ?? organization,
    }),
    ...(client !== undefined && { app: client }),
    what: whatOf(row),
    ...(why !== undefined && { why }),
    refused: row.outcome !== 0,
    breakGlass: row.breakGlass === true,
  };
}

function whoOf({ name, client, user, fhirUser }: AuditAgent, names: ReadonlyMap<string, string>): string {
  return names.get(fhirUser ?? '') ?? user ?? client ?? name;
}

const plainer: Readonly<Record<string, string>> = tableOf({
  vread: 'read',
  'history-instance': 'history',
  'history-type': 'history',
  'history-system': 'history',
  'search-type': 'search',
  'search-system': 'search',
  compartment: 'search',
  bundle: 'batch',
  'conditional-update': 'update',
  patch: 'update',
  'conditional-patch': 'update',
  'conditional-delete': 'delete',
});

function whatOf({ interaction }: AuditRow): string {
  return plainer[interaction] ?? interaction;
}

/** The names of the organizations and of the people who are in the registry, by reference. */
async function namesFor(
  { view }: InteractionContext,
  rows: readonly AuditRow[],
): Promise<ReadonlyMap<string, string>> {
  const references = rows.flatMap(({ agent: { fhirUser, organization } }) => [
    ...(fhirUser === undefined ? [] : [fhirUser]),
    ...(organization === undefined ? [] : [`Organization/${organization}`]),
  ]);
  const found = await view.readMany([...new Set(references)].flatMap(toKey));
  return new Map(
    found.flatMap(({ type, id, text }) => {
      const name = nameOf(JSON.parse(text) as Resource);
      return name === undefined ? [] : [[`${type}/${id}`, name] as const];
    }),
  );
}

function toKey(reference: string): readonly ResourceKey[] {
  const [type = '', text = ''] = reference.split('/');
  const id = parseResourceId(text);
  return isResourceType(type) && type !== 'Patient' && id !== undefined ? [{ type, id }] : [];
}

/** Organization.name is a text, a person's a list of HumanName. */
function nameOf(resource: Resource): string | undefined {
  const name: unknown = resource['name'];
  if (typeof name === 'string') return name;
  const [first] = Array.isArray(name) ? (name as readonly HumanName[]) : [];
  const { text, given = [], family = '' } = first ?? {};
  const joined = text ?? [...given, family].join(' ').trim();
  return joined === '' ? undefined : joined;
}

type HumanName = { readonly text?: string; readonly given?: readonly string[]; readonly family?: string };
