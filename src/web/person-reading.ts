import type { Organization, Patient } from 'fhir/r4.js';
import type { InteractionContext } from '../interaction/context.ts';
import { parseResourceId } from '../values/resource-id.ts';

/** The Patient of an id in a URL, as far as the visitor may see it; undefined: as what never was. */
export async function readPersonNamed(
  ctx: InteractionContext,
  text: string | undefined,
): Promise<Patient | undefined> {
  const id = text === undefined ? undefined : parseResourceId(text);
  if (id === undefined) return undefined;
  const found = await ctx.view.read({ type: 'Patient', id });
  return found?.text === undefined ? undefined : (JSON.parse(found.text) as Patient);
}

/** The organization that a reference names. */
export async function readOrganization(
  ctx: InteractionContext,
  reference: string | undefined,
): Promise<Organization | undefined> {
  const id = /^Organization\/(.+)$/.exec(reference ?? '')?.[1];
  const parsed = id === undefined ? undefined : parseResourceId(id);
  if (parsed === undefined) return undefined;
  const found = await ctx.view.read({ type: 'Organization', id: parsed });
  return found?.text === undefined ? undefined : (JSON.parse(found.text) as Organization);
}
