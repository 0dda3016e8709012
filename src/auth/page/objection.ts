import type { Consent } from 'fhir/r4.js';
import { withMembers } from '../../fhir/fhir-json.ts';
import type { ParsedResource, Resource } from '../../fhir/resource.ts';
import type { InteractionContext } from '../../interaction/context.ts';
import { createResource } from '../../interaction/create-resource.ts';
import { patchResource } from '../../interaction/patch-resource.ts';
import { searchAll } from '../../interaction/search-all.ts';
import { countsOn } from '../../search/objection-days.ts';
import { dataSharingObjection } from '../../search/reach.ts';
import type { StoredResource } from '../../store/contract/store.ts';
import { formatInstant } from '../../values/instant.ts';
import type { AuthServer } from '../auth-server.ts';
import type { Client } from '../clients/client.ts';
import type { User } from '../users/user.ts';

/** The pages of this server, which do for people what an app would. A consent must be about a patient that can be read. */
export const ownPages: Client = {
  id: 'jenner',
  name: 'Jenner',
  kind: 'public',
  created: 0 as Client['created'],
  redirects: [],
  scope: 'user/Consent.crus user/Patient.rs',
  groups: [],
};

/** What the user may do with consents of the persons whom they answer for. */
async function contextOf(server: AuthServer, user: User): Promise<InteractionContext> {
  const entitlement = await server.entitle({ user, client: ownPages, scopes: ownPages.scope.split(' ') });
  return server.contextFor(server.toCaller(entitlement));
}

export async function objects(server: AuthServer, user: User, patient: string): Promise<boolean> {
  const ctx = await contextOf(server, user);
  return (await objections(ctx, patient)).some(countsToday(ctx));
}

function countsToday({ clock }: InteractionContext) {
  return ({ text }: StoredResource) => countsOn(JSON.parse(text) as Consent, clock.today());
}

async function objections(ctx: InteractionContext, patient: string) {
  const { system, code } = dataSharingObjection;
  return searchAll(ctx, 'Consent', [
    ['patient', `Patient/${patient}`],
    ['category', `${system}|${code}`],
    ['status', 'active'],
  ]);
}

/** Whether clinics and schools other than those that wrote it may see the record. */
export async function setObjection(
  server: AuthServer,
  user: User,
  { patient, objects: wants }: { readonly patient: string; readonly objects: boolean },
): Promise<void> {
  const ctx = await contextOf(server, user);
  const there = await objections(ctx, patient);
  if (wants && !there.some(countsToday(ctx))) {
    const recorded = formatInstant(ctx.clock.now());
    await createResource(ctx, { resource: toConsent(patient, recorded) as never, exactNumbers: false });
  }
  if (wants) return;
  for (const one of there) await patchResource(ctx, one, inactive);
}

/** Of the Consent as it is then: it may have been changed since it was found. */
function inactive({ resource, exactNumbers }: ParsedResource): ParsedResource {
  return { resource: withMembers(resource, { status: 'inactive' }) as Resource, exactNumbers };
}

function toConsent(patient: string, dateTime: string): Consent {
  const coded = (system: string, code: string) => ({ coding: [{ system, code }] });
  return {
    resourceType: 'Consent',
    status: 'active',
    scope: coded('http://terminology.hl7.org/CodeSystem/consentscope', 'patient-privacy'),
    category: [{ coding: [dataSharingObjection] }],
    patient: { reference: `Patient/${patient}` },
    dateTime,
    policyRule: coded('http://terminology.hl7.org/CodeSystem/v3-ActCode', 'OPTOUT'),
    provision: { type: 'deny' },
  };
}
