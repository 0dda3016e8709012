import { Problem } from '../fhir/problem.ts';
import { asObject, isDeeper } from '../registry/ehr-record/ehr-record.ts';
import type { CdsService } from './services.ts';

/** A call of a service, as far as it is read. */
export type HookCall = {
  readonly hookInstance: string;
  readonly patientId: string;
  readonly userId: string | undefined;
  readonly encounterId: string | undefined;
  /** Where the EHR's data lie, and what opens them. */
  readonly fhirServer: string | undefined;
  readonly accessToken: string | undefined;
  /** What was sent along; null: the EHR could not have it. */
  readonly prefetch: Readonly<Record<string, unknown>>;
  /** What is being ordered, the selected ones first (order-select). */
  readonly orders: readonly DraftOrder[];
};

/** Of whatever type, also one that is not kept here. */
export type DraftOrder = { readonly resource: Json; readonly isSelected: boolean };

type Json = Readonly<Record<string, unknown>>;

const longestText = 512;
const deepest = 100;

/** A JSON object of at most so many levels. */
export function parseBody(text: string): Json {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw new Problem('invalid-syntax', 'The body is not JSON', { cause });
  }
  if (isDeeper(value, deepest)) {
    throw new Problem('invalid-syntax', `The body is nested deeper than ${deepest} levels`);
  }
  const body = asObject(value);
  if (!body) throw new Problem('invalid-syntax', 'The body must be a JSON object');
  return body;
}

/** CDS Hooks 2.0, Calling a CDS Service. */
export function parseCall(body: Json, { hook, id }: CdsService): HookCall {
  if (body['hook'] !== hook) {
    const text = `The service ${id} is for the hook ${hook}, and not for ${shown(body['hook'])}`;
    throw new Problem('invalid-parameter', text, { expression: 'hook' });
  }
  const context = asObject(body['context']) ?? {};
  const authorization = asObject(body['fhirAuthorization']) ?? {};
  const call = {
    hookInstance: requireText(body, 'hookInstance'),
    patientId: requireText(context, 'patientId', 'context.').replace(/^Patient\//, ''),
    userId: textIn(context, 'userId'),
    encounterId: textIn(context, 'encounterId'),
    fhirServer: serverIn(body),
    accessToken: tokenIn(authorization),
    prefetch: asObject(body['prefetch']) ?? {},
  };
  return { ...call, orders: hook === 'order-select' ? ordersIn(context) : [] };
}

function textIn(object: Json, name: string): string | undefined {
  const value = object[name];
  return typeof value === 'string' && value !== '' && value.length <= longestText ? value : undefined;
}

function requireText(object: Json, name: string, within = ''): string {
  const text = textIn(object, name);
  if (text !== undefined) return text;
  const said = `${within}${name} must be a text of 1 to ${longestText} characters, and not ${shown(object[name])}`;
  throw new Problem('invalid-parameter', said, { expression: `${within}${name}` });
}

function shown(value: unknown): string {
  return value === undefined ? 'absent' : `"${String(JSON.stringify(value)).slice(0, 60)}"`;
}

function serverIn(body: Json): string | undefined {
  const text = textIn(body, 'fhirServer');
  if (text === undefined) return undefined;
  if (URL.canParse(text) && /^https?:$/.test(new URL(text).protocol)) return text.replace(/\/+$/, '');
  throw new Problem('invalid-parameter', `fhirServer ${shown(text)} is no URL`, { expression: 'fhirServer' });
}

function tokenIn(authorization: Json): string | undefined {
  const token = authorization['access_token'];
  const isToken = typeof token === 'string' && /^[\x21-\x7e]{1,8192}$/.test(token);
  return isToken ? token : undefined;
}

const mostOrders = 100;

function ordersIn(context: Json): readonly DraftOrder[] {
  const drafts = asObject(context['draftOrders']);
  const entries = Array.isArray(drafts?.['entry']) ? drafts['entry'] : [];
  const { selections: sent } = context;
  if (!Array.isArray(sent) || drafts?.['resourceType'] !== 'Bundle') {
    const text = 'order-select needs context.selections, a list, and context.draftOrders, a Bundle';
    throw new Problem('invalid-parameter', text, { expression: 'context' });
  }
  const selections = new Set(sent.slice(0, mostOrders));
  return entries.slice(0, mostOrders).flatMap((entry: unknown) => {
    const resource = asObject(asObject(entry)?.['resource']);
    if (!resource) return [];
    return [{ resource, isSelected: selections.has(`${resource['resourceType']}/${resource['id']}`) }];
  });
}
