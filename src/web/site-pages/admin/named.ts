import type { FhirResource, HumanName, Organization, Patient } from 'fhir/r4.js';
import type { InteractionContext } from '../../../interaction/context.ts';
import type { ParameterList } from '../../../interaction/parse-query.ts';
import { searchResources } from '../../../interaction/search-resources.ts';
import type { AdminKind } from '../../../pages/admin-records.ts';
import { parseResourceId } from '../../../values/resource-id.ts';
import { escapeValue } from '../../escape-value.ts';
import { nameOfPerson } from '../../person-words.ts';
import type { SessionNotes } from '../../site/page-door.ts';
import { type AdminField, fieldsOf, type ReferringField } from './admin-kinds.ts';

/** Somebody, or an organization, whom a name may mean. */
export type Meant = {
  readonly value: string;
  readonly name: string;
  readonly born?: string;
  readonly town?: string;
};

/** What was typed in a field in the place of an id, and who may be meant. */
export type Choice = {
  readonly field: string;
  readonly text: string;
  readonly meant: readonly Meant[];
  readonly isMore: boolean;
};

const mostMeant = 20;
/** Of a form that names more, the rest is asked afterwards. */
const mostChoices = 10;

/** The fields with the ids that were chosen on the page before in the place of what was typed. */
export function withPicked(fields: URLSearchParams, kind: AdminKind): URLSearchParams {
  const picked = new URLSearchParams(fields);
  for (const { name } of fieldsOf[kind].filter(isReferring)) {
    const chosen = new Map<string, string>();
    for (let nth = 0; nth < mostChoices; nth++) {
      const [asked, value] = [fields.get(`asked-${name}-${nth}`), fields.get(`pick-${name}-${nth}`)];
      if (asked !== null && value !== null && value !== '') chosen.set(asked, value);
    }
    const lines = linesOf(fields.get(name) ?? '').map((line) => chosen.get(line) ?? line);
    picked.set(name, lines.join('\n'));
  }
  return picked;
}

/** Names in the places of ids. What has a stroke is no name, and left to those who judge the form. */
export async function namesIn(
  ctx: InteractionContext,
  kind: AdminKind,
  fields: URLSearchParams,
): Promise<readonly { readonly field: ReferringField; readonly text: string }[]> {
  const names: { readonly field: ReferringField; readonly text: string }[] = [];
  for (const field of fieldsOf[kind].filter(isReferring)) {
    for (const text of linesOf(fields.get(field.name) ?? '')) {
      if (text.includes('/') || names.length === mostChoices) continue;
      if (!(await isId(ctx, field, text, fields))) names.push({ field, text });
    }
  }
  return names;
}

/** What was chosen as an id is one, also where nothing has it yet. */
async function isId(
  ctx: InteractionContext,
  { name, refers }: ReferringField,
  text: string,
  fields: URLSearchParams,
): Promise<boolean> {
  const [type] = refers;
  const id = parseResourceId(text);
  if (id === undefined || type === undefined || refers.length > 1) return false;
  for (let nth = 0; nth < mostChoices; nth++) if (fields.get(`pick-${name}-${nth}`) === text) return true;
  return (await ctx.view.read({ type, id }))?.text !== undefined;
}

/** Whom the names may mean, as far as the visitor may see them. */
export async function choicesOf(
  ctx: InteractionContext,
  kind: AdminKind,
  fields: URLSearchParams,
): Promise<readonly Choice[]> {
  const choices: Choice[] = [];
  for (const { field, text } of await namesIn(ctx, kind, fields)) {
    const meant: Meant[] = [];
    for (const type of field.refers) {
      const asked: ParameterList = [...byName(type, text), ['_count', String(mostMeant + 1)]];
      const { matches } = await searchResources(ctx, [type], asked, 'strict');
      for (const match of matches) meant.push(toMeant(JSON.parse(match.text) as FhirResource, field));
    }
    const shown = meant.slice(0, mostMeant);
    choices.push({ field: field.name, text, meant: shown, isMore: meant.length > mostMeant });
  }
  return choices;
}

/** Each word as the beginning of a word of the name; of an organization anywhere in it. */
function byName(type: ReferringField['refers'][number], text: string): ParameterList {
  const words = text.split(/[\s,]+/).filter((word) => /[\p{L}\p{N}]/u.test(word));
  const code = type === 'Organization' ? 'name:contains' : 'name';
  return words.slice(0, 8).map((word) => [code, escapeValue(word)] as const);
}

function toMeant(resource: FhirResource, { refers }: ReferringField): Meant {
  const { id = '', resourceType } = resource;
  const value = refers.length > 1 ? `${resourceType}/${id}` : id;
  const { birthDate, address } = resource as Partial<Patient>;
  const town = address?.[0]?.city;
  return {
    value,
    name: nameOf(resource),
    ...(birthDate !== undefined && { born: birthDate }),
    ...(town !== undefined && { town }),
  };
}

/** How something that an account names is called. */
export function nameOf(resource: FhirResource): string {
  const { name, id = '' } = resource as Organization | (Patient & { readonly name?: HumanName[] });
  return typeof name === 'string' ? name : nameOfPerson({ name: name ?? [], id });
}

export function isReferring(field: AdminField): field is ReferringField {
  return field.refers !== undefined;
}

function linesOf(text: string): readonly string[] {
  return text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '');
}

/** A form waits for somebody to say who is meant; what was typed stands in no URL. */
export function keepForm(notes: SessionNotes, fields: URLSearchParams): Promise<string> {
  return notes.keep({ adminForm: fields.toString() });
}

export async function readForm(notes: SessionNotes, id: string | null): Promise<URLSearchParams | undefined> {
  const note = id === null ? undefined : await notes.read(id);
  if (typeof note !== 'object' || note === null || !('adminForm' in note)) return undefined;
  return typeof note.adminForm === 'string' ? new URLSearchParams(note.adminForm) : undefined;
}
