import type { Resource } from '../../fhir/resource.ts';
import { isResourceType } from '../../fhir/resource-type.ts';

/** What an EHR knows of a person. */
export type EhrRecord = {
  readonly patient: Resource;
  readonly immunizations: readonly Resource[];
  /** Conditions, observations, allergies and procedures. */
  readonly clinical: readonly Resource[];
  /** What of it could not be had, or not whole. */
  readonly missing: readonly string[];
};

/** Answers JSON of a FHIR server; rejects whatever goes wrong. */
export type FetchFhir = (url: string, accessToken: string | undefined) => Promise<unknown>;

export type Found = { readonly resources: readonly Resource[]; readonly isWhole: boolean };

type Json = Readonly<Record<string, unknown>>;

/** Where an EHR's data lie, and what opens them; nothing is fetched without a server. */
export type EhrServer = {
  readonly fhirServer: string | undefined;
  readonly accessToken: string | undefined;
  readonly fetchFhir: FetchFhir;
};

type Wanted = {
  readonly type: string;
  /** Below the server. */
  readonly path: string;
  /** What was sent along already. */
  readonly sent?: unknown;
};

const deepest = 100;
const mostPages = 20;
const mostResources = 1000;

/** All pages of a search, or the one resource of a read; undefined where it cannot be had. */
export async function readFromEhr(ehr: EhrServer, { type, path, sent }: Wanted): Promise<Found | undefined> {
  const { fhirServer, accessToken, fetchFhir } = ehr;
  const get: Get = async (url) => {
    // The token is for that server alone.
    if (fhirServer === undefined || !isBelow(url, fhirServer)) return undefined;
    return fetched(() => fetchFhir(url, accessToken));
  };
  const first = asResource(sent) ?? (await get(`${fhirServer}/${path}`));
  return first && withPages(first, type, get);
}

/** Undefined where it cannot be had: whoever is answered is told. */
async function fetched(get: () => Promise<unknown>): Promise<Resource | undefined> {
  try {
    const answer = await get();
    return isDeeper(answer, deepest) ? undefined : asResource(answer);
  } catch {
    return undefined;
  }
}

function isBelow(url: string, server: string): boolean {
  if (!URL.canParse(url)) return false;
  const { origin, pathname } = new URL(url);
  const base = new URL(server);
  return origin === base.origin && `${pathname}/`.startsWith(`${base.pathname.replace(/\/$/, '')}/`);
}

type Get = (url: string) => Promise<Resource | undefined>;

async function withPages(first: Resource, type: string, get: Get): Promise<Found | undefined> {
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

/** Level by level, so that no depth is too deep to be looked at. */
export function isDeeper(value: unknown, levels: number): boolean {
  let level: readonly unknown[] = [value];
  for (let depth = 0; depth <= levels; depth++) {
    level = level.flatMap((one) => (typeof one === 'object' && one !== null ? Object.values(one) : []));
    if (level.length === 0) return false;
  }
  return true;
}

export function asObject(value: unknown): Json | undefined {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Json) : undefined;
}

/** A resource of a type that FHIR has; undefined for whatever else. */
export function asResource(value: unknown): Resource | undefined {
  const type = asObject(value)?.['resourceType'];
  return typeof type === 'string' && isResourceType(type) ? (value as Resource) : undefined;
}
