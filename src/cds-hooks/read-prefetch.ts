import { Problem } from '../fhir/problem.ts';
import type { Resource } from '../fhir/resource.ts';
import { type EhrRecord, type FetchFhir, readFromEhr } from '../registry/ehr-record/ehr-record.ts';
import { ofOtherPatient } from '../registry/ehr-record/of-other-patient.ts';
import type { HookCall } from './parse-call.ts';
import { type CdsService, type PrefetchKey, prefetchKeys } from './services.ts';

const types: Readonly<Record<PrefetchKey, string>> = {
  patient: 'Patient',
  immunizations: 'Immunization',
  conditions: 'Condition',
  observations: 'Observation',
  allergies: 'AllergyIntolerance',
  procedures: 'Procedure',
};

/**
 * What was sent along, and what was not from the EHR's server. Throws 412 where there is no Patient, or not all of the
 * immunizations: who is told what is due by half a history is told wrong (CDS Hooks 2.0, Prefetch).
 */
export async function readEhrRecord(
  call: HookCall,
  service: CdsService,
  fetchFhir: FetchFhir,
): Promise<EhrRecord> {
  const gathered = await Promise.all(
    prefetchKeys.map(async (key) => [key, await find(key, { call, service, fetchFhir })] as const),
  );
  const found = new Map(gathered);
  const [patient] = found.get('patient')?.resources ?? [];
  const immunizations = found.get('immunizations');
  if (!patient) throw lacking('the Patient');
  if (!immunizations?.isWhole) throw lacking('all Immunizations of the Patient');
  if (patient.id !== undefined && patient.id !== call.patientId) {
    const text = `The Patient that was sent is ${patient.id}, and context.patientId is ${call.patientId}`;
    throw new Problem('invalid-content', text, { expression: 'prefetch.patient' });
  }
  for (const one of found.values()) requireOfPatient(one?.resources ?? [], call.patientId);
  const others = prefetchKeys.filter((key) => key !== 'patient' && key !== 'immunizations');
  return {
    patient,
    immunizations: immunizations.resources,
    clinical: others.flatMap((key) => found.get(key)?.resources ?? []),
    missing: others.filter((key) => !found.get(key)?.isWhole),
  };
}

function requireOfPatient(resources: readonly Resource[], patientId: string): void {
  const other = ofOtherPatient(resources, patientId);
  if (!other) return;
  const { resource, named } = other;
  const text = `A ${resource.resourceType} of Patient/${named} was sent, and context.patientId is ${patientId}`;
  throw new Problem('invalid-content', text, { expression: 'prefetch' });
}

function lacking(what: string): Problem {
  const text = `The service needs ${what}: as prefetch, whole, or by fhirServer and fhirAuthorization`;
  return new Problem('unmet-need', text, { expression: 'prefetch' });
}

type Finding = {
  readonly call: HookCall;
  readonly service: CdsService;
  readonly fetchFhir: FetchFhir;
};

function find(key: PrefetchKey, { call, service, fetchFhir }: Finding) {
  const { fhirServer, accessToken, patientId, prefetch } = call;
  const path = service.prefetch[key].replaceAll('{{context.patientId}}', encodeURIComponent(patientId));
  return readFromEhr({ fhirServer, accessToken, fetchFhir }, { type: types[key], path, sent: prefetch[key] });
}
