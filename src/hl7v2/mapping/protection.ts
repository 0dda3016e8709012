import type { Consent, Extension, Patient } from 'fhir/r4.js';
import { dataSharingObjection, protectionIndicator } from '../../search/reach.ts';
import type { Segment } from '../er7/message.ts';
import { extensionOf, extensionUrl } from './extensions.ts';
import { fieldText } from './v2-text.ts';
import { toFhirDate } from './v2-time.ts';

/** PD1-12: Y is protected, N may be shared; empty says nothing. */
export function toProtection(pd1: Segment): readonly Extension[] {
  const flag = fieldText(pd1, 12);
  if (flag !== 'Y' && flag !== 'N') return [];
  const since = toFhirDate(fieldText(pd1, 13));
  const parts: Extension[] = [{ url: 'protected', valueBoolean: flag === 'Y' }];
  if (since !== undefined) parts.push({ url: 'date', valueDate: since });
  return [{ url: extensionUrl.protection, extension: parts }];
}

export type Protection = { readonly isProtected: boolean; readonly since?: string | undefined };

/** What the record of a sender says of its protection; undefined where it never said anything. */
export function protectionOf(patient: Pick<Patient, 'extension'>): Protection | undefined {
  const parts = extensionOf(patient, extensionUrl.protection);
  const isProtected = extensionOf(parts, 'protected')?.valueBoolean;
  return isProtected === undefined
    ? undefined
    : { isProtected, since: extensionOf(parts, 'date')?.valueDate };
}

/** Protection as what hides a record from all but who brought it: an objection to the sharing of data. */
export function toConsent(patient: string, { isProtected, since }: Protection): Consent {
  return {
    resourceType: 'Consent',
    status: isProtected ? 'active' : 'inactive',
    scope: {
      coding: [{ system: 'http://terminology.hl7.org/CodeSystem/consentscope', code: 'patient-privacy' }],
    },
    category: [{ coding: [{ ...dataSharingObjection }] }, { coding: [{ ...protectionIndicator }] }],
    patient: { reference: patient },
    ...(since !== undefined && { dateTime: since }),
    policyRule: { coding: [{ system: 'http://terminology.hl7.org/CodeSystem/v3-ActCode', code: 'OPTOUT' }] },
    provision: { type: 'deny' },
  };
}

/** Whether it is what PD1-12 was kept as. */
export function isProtectionConsent({ category }: Pick<Consent, 'category'>): boolean {
  return category.some(({ coding }) =>
    coding?.some(
      ({ system, code }) => system === protectionIndicator.system && code === protectionIndicator.code,
    ),
  );
}

/** R4 security-labels.html: what is restricted says so. */
export const restricted = {
  system: 'http://terminology.hl7.org/CodeSystem/v3-Confidentiality',
  code: 'R',
} as const;
