import { createHash, randomBytes } from 'node:crypto';
import type { FhirResource, Patient } from 'fhir/r4.js';

/** A chart of the EHR that the demo plays. */
export type StubChart = { readonly patient: Patient; readonly resources: readonly FhirResource[] };

export type StubSettings = {
  /** Where it is, without a slash at the end. */
  readonly url: string;
  readonly charts: readonly StubChart[];
  /** Whom its doses name. */
  readonly staff: readonly FhirResource[];
  /** The one app that it opens, and where that is sent back to. */
  readonly clientId: string;
  readonly redirect: string;
};

export type StubRequest = {
  readonly method: string;
  /** Below its URL. */
  readonly path: string;
  readonly authorization?: string | undefined;
  readonly body?: string | undefined;
};

export type StubAnswer = { readonly status: number; readonly json: unknown };

/**
 * The EHR of a clinic, as small as an app needs it: it opens one app, and answers what that may read, by ids of its own, ten
 * to a page. It is somebody else's server that happens to be served from here; only the demo has it.
 */
export type StubEhr = {
  readonly url: string;
  readonly iss: string;
  /** The handle of an app that is opened for a patient; undefined where there is no such chart. */
  readonly launchFor: (patient: string) => string | undefined;
  /** Where the browser goes with its code; undefined for what no app of this EHR asks. */
  readonly authorize: (query: URLSearchParams) => string | undefined;
  readonly answer: (request: StubRequest) => StubAnswer;
};

type Code = { readonly patient: string; readonly challenge: string };

const pageSize = 10;
/** What is handed out lies in memory: the oldest makes room. */
const mostKept = 200;

export function openStubEhr({ url, charts, staff, clientId, redirect }: StubSettings): StubEhr {
  const iss = `${url}/fhir`;
  const [launches, codes, tokens] = [keep<string>(), keep<Code>(), keep<string>()];
  const kept = new Map(charts.map(chartOf));
  const redeem = (body = ''): StubAnswer => {
    const form = new URLSearchParams(body);
    const code = codes.take(form.get('code') ?? '');
    const isMine = form.get('client_id') === clientId && form.get('redirect_uri') === redirect;
    if (!code || !isMine || s256(form.get('code_verifier') ?? '') !== code.challenge) {
      return { status: 400, json: { error: 'invalid_grant' } };
    }
    const { patient } = code;
    return {
      status: 200,
      json: {
        access_token: tokens.put(patient),
        token_type: 'Bearer',
        expires_in: 1800,
        scope: `launch ${granted}`,
        patient,
        need_patient_banner: true,
      },
    };
  };
  return {
    url,
    iss,
    launchFor: (patient) => (kept.has(patient) ? launches.put(patient) : undefined),
    authorize: (query) => {
      const patient = launches.take(query.get('launch') ?? '');
      const challenge = query.get('code_challenge') ?? '';
      const wanted = { client_id: clientId, redirect_uri: redirect, aud: iss, code_challenge_method: 'S256' };
      const isMine = Object.entries(wanted).every(([name, value]) => query.get(name) === value);
      if (patient === undefined || !isMine) return undefined;
      const back = new URL(redirect);
      back.searchParams.set('code', codes.put({ patient, challenge }));
      back.searchParams.set('state', query.get('state') ?? '');
      return back.href;
    },
    answer: ({ method, path, authorization = '', body }) => {
      const asked = new URL(path, 'http://stub');
      if (asked.pathname === '/token' && method === 'POST') return redeem(body);
      if (asked.pathname === '/fhir/.well-known/smart-configuration') return configuration(url);
      const patient = tokens.read(authorization.replace(/^Bearer /, ''));
      const chart = patient === undefined ? undefined : kept.get(patient);
      if (patient === undefined || !chart) return outcome(401, 'login');
      const call = { asked, iss, patient };
      if (method === 'POST') return create(chart, call, body);
      return readFrom([...chart, ...staff], call);
    },
  };
}

function chartOf({ patient, resources }: StubChart): readonly [string, FhirResource[]] {
  return [patient.id ?? '', [patient, ...resources]];
}

const granted = 'patient/*.read patient/Immunization.write';

function configuration(url: string): StubAnswer {
  const json = {
    authorization_endpoint: `${url}/authorize`,
    token_endpoint: `${url}/token`,
    capabilities: [
      'launch-ehr',
      'client-public',
      'context-ehr-patient',
      'permission-patient',
      'permission-v1',
    ],
    code_challenge_methods_supported: ['S256'],
    grant_types_supported: ['authorization_code'],
  };
  return { status: 200, json };
}

type Call = { readonly asked: URL; readonly iss: string; readonly patient: string };

/** A resource by its id, or a page of those of the patient of the token. */
function readFrom(resources: readonly FhirResource[], { asked, iss, patient }: Call): StubAnswer {
  const [type = '', id] = asked.pathname.replace('/fhir', '').split('/').filter(Boolean);
  if (id !== undefined) {
    const found = resources.find((one) => one.resourceType === type && one.id === id);
    return found ? { status: 200, json: found } : outcome(404, 'not-found');
  }
  const [paged = '', from = '0'] = (asked.searchParams.get('_getpages') ?? '').split('~');
  const named = asked.searchParams.get('patient');
  if (named !== null && named.replace('Patient/', '') !== patient) return outcome(403, 'forbidden');
  const matches = resources.filter(({ resourceType }) => resourceType === (type || paged));
  return { status: 200, json: pageOf(matches, { type: type || paged, from: Number(from), iss }) };
}

function pageOf(
  matches: readonly FhirResource[],
  { type, from, iss }: { readonly type: string; readonly from: number; readonly iss: string },
): object {
  const end = from + pageSize;
  return {
    resourceType: 'Bundle',
    type: 'searchset',
    total: matches.length,
    ...(end < matches.length && { link: [{ relation: 'next', url: `${iss}?_getpages=${type}~${end}` }] }),
    entry: matches.slice(from, end).map((resource) => ({
      fullUrl: `${iss}/${type}/${resource.id}`,
      resource,
      search: { mode: 'match' },
    })),
  };
}

/** Immunizations of the patient of the token alone; what it is told it has, without a word in the answer. */
function create(chart: FhirResource[], { asked, patient }: Call, body = ''): StubAnswer {
  const sent = toResource(body);
  const isOwn = sent?.resourceType === 'Immunization' && sent.patient?.reference === `Patient/${patient}`;
  if (asked.pathname !== '/fhir/Immunization' || !isOwn) return outcome(422, 'invalid');
  if (chart.length >= mostKept) return outcome(422, 'too-costly');
  chart.push({ ...sent, id: `${patient}.app.${chart.length}` });
  return { status: 201, json: undefined };
}

function toResource(body: string): FhirResource | undefined {
  try {
    return JSON.parse(body) as FhirResource;
  } catch {
    return undefined;
  }
}

function outcome(status: number, code: string): StubAnswer {
  return { status, json: { resourceType: 'OperationOutcome', issue: [{ severity: 'error', code }] } };
}

function s256(verifier: string): string {
  return createHash('sha256').update(verifier).digest('base64url');
}

function keep<Value>() {
  const values = new Map<string, Value>();
  return {
    put: (value: Value): string => {
      const key = randomBytes(24).toString('base64url');
      values.set(key, value);
      for (const oldest of values.keys()) {
        if (values.size <= mostKept) break;
        values.delete(oldest);
      }
      return key;
    },
    read: (key: string): Value | undefined => values.get(key),
    take: (key: string): Value | undefined => {
      const value = values.get(key);
      values.delete(key);
      return value;
    },
  };
}
