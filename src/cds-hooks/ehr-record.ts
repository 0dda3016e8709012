import { Problem } from '../fhir/problem.ts';
import type { Resource } from '../fhir/resource.ts';
import { asObject, asResource, type HookCall, isDeeper } from './parse-call.ts';
import { requireOfPatient } from './require-of-patient.ts';
import { type CdsService, type PrefetchKey, prefetchKeys } from './services.ts';

/** What the EHR knows of the person. */
export type EhrRecord = {
  readonly patient: Resource;
  readonly immunizations: readonly Resource[];
  /** Conditions, observations, allergies and procedures. */
  readonly clinical: readonly Resource[];
  /** What of it could not be had, or not whole. */
  readonly missing: readonly PrefetchKey[];
};

/** Answers JSON of a FHIR server; rejects whatever goes wrong. */
export type FetchFhir = (url: string, accessToken: string | undefined) => Promise<unknown>;

const types: Readonly<Record<PrefetchKey, string>> = {
  patient: 'Patient',
  immunizations: 'Immunization',
  conditions: 'Condition',
  observations: 'Observation',
  allergies: 'AllergyIntolerance',
  procedures: 'Procedure',
};

/** Undefined: it could not be had; `isWhole`: no page is missing. */
type Found = { readonly resources: readonly Resource[]; readonly isWhole: boolean } | undefined;

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
  for (const { resources } of [...found.values()].flatMap((one) => one ?? [])) {
    requireOfPatient(resources, call.patientId);
  }
  const others = prefetchKeys.filter((key) => key !== 'patient' && key !== 'immunizations');
  return {
    patient,
    immunizations: immunizations.resources,
    clinical: others.flatMap((key) => found.get(key)?.resources ?? []),
    missing: others.filter((key) => !found.get(key)?.isWhole),
  };
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

async function find(key: PrefetchKey, finding: Finding): Promise<Found> {
  const { call, service, fetchFhir } = finding;
  const sent = asResource(call.prefetch[key]);
  const { fhirServer, accessToken } = call;
  const get = async (url: string) => {
    if (fhirServer === undefined || !isBelow(url, fhirServer)) return undefined;
    return fetched(() => fetchFhir(url, accessToken));
  };
  const path = service.prefetch[key].replaceAll('{{context.patientId}}', encodeURIComponent(call.patientId));
  const first = sent ?? (await get(`${fhirServer}/${path}`));
  return first && withPages(first, types[key], get);
}

/** Undefined where it cannot be had: the card says so. */
async function fetched(get: () => Promise<unknown>): Promise<Resource | undefined> {
  try {
    const answer = await get();
    return isDeeper(answer, 100) ? undefined : asResource(answer);
  } catch {
    return undefined;
  }
}

/** The token is for that server alone. */
function isBelow(url: string, server: string): boolean {
  if (!URL.canParse(url)) return false;
  const { origin, pathname } = new URL(url);
  const base = new URL(server);
  return origin === base.origin && `${pathname}/`.startsWith(`${base.pathname.replace(/\/$/, '')}/`);
}

const mostPages = 20;
const mostResources = 1000;

type Get = (url: string) => Promise<Resource | undefined>;

async function withPages(first: Resource, type: string, get: Get): Promise<Found> {
  if (first.resourceType === type) return { resources: [first], isWhole: true };
  if (first.resourceType !== 'Bundle') return undefined;
  const resources: Resource[] = [];
  let page: Resource | undefined = first;
  for (let pages = 0; page && pages < mostPages && resources.length <= mostResources; pages++) {
    resources.push(...matchesIn(page, type));
    const next = nextOf(page);
    if (next === undefined) return { resources, isWhole: true };
    page = await get(next);
  }
  return { resources: resources.slice(0, mostResources), isWhole: false };
}

function matchesIn(bundle: Resource, type: string): readonly Resource[] {
  const entries: readonly unknown[] = Array.isArray(bundle['entry']) ? bundle['entry'] : [];
  return entries.flatMap((entry) => {
    const resource = asResource(asObject(entry)?.['resource']);
    return resource?.resourceType === type ? [resource] : [];
  });
}

function nextOf(bundle: Resource): string | undefined {
  const links: readonly unknown[] = Array.isArray(bundle['link']) ? bundle['link'] : [];
  const next = links.map(asObject).find((link) => link?.['relation'] === 'next')?.['url'];
  return typeof next === 'string' ? next : undefined;
}
