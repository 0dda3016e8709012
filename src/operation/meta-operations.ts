import type { JsonObject, JsonValue } from '../fhir/fhir-json.ts';
import { placeOf } from '../fhir/parameter-place.ts';
import { Problem } from '../fhir/problem.ts';
import type { Resource } from '../fhir/resource.ts';
import { type ResourceType, resourceTypes } from '../fhir/resource-type.ts';
import type { InteractionContext } from '../interaction/context.ts';
import { patchResource } from '../interaction/patch-resource.ts';
import { readResource } from '../interaction/read-resource.ts';
import { metaInUse, metaLists } from './meta-in-use.ts';
import type { Operation, OperationCall } from './operation.ts';

/**
 * `$meta`, `$meta-add`, `$meta-delete` on an instance; `$meta` on a type and the system is what is in use there (R4
 * resource-operation-meta.html).
 */
export const metaOperations: readonly Operation[] = [
  { ...row('meta'), get: true, run: readMeta },
  { ...row('meta'), level: 'type', get: true, run: sumUpMeta },
  { ...row('meta'), level: 'system', types: [], get: true, run: sumUpMeta },
  { ...row('meta-add'), get: false, run: (ctx, call) => changeMeta(ctx, call, addTo) },
  { ...row('meta-delete'), get: false, run: (ctx, call) => changeMeta(ctx, call, removeFrom) },
];

function row(code: string) {
  const definition = `http://hl7.org/fhir/OperationDefinition/Resource-${code}`;
  return { code, level: 'instance', types: resourceTypes, definition } as const;
}

function keyOf({ type, id }: OperationCall) {
  if (type === undefined || id === undefined) throw new Error('$meta was called without a resource');
  return { type, id };
}

async function readMeta(ctx: InteractionContext, call: OperationCall): Promise<object> {
  const { text } = await readResource(ctx, keyOf(call));
  return answer(JSON.parse(text) as Resource);
}

async function sumUpMeta(ctx: InteractionContext, { type }: OperationCall): Promise<object> {
  return answer({ meta: await metaInUse(ctx, type === undefined ? resourceTypes : [type]) });
}

/** R4 json.html has no empty object: where nothing is in use, there is nothing to return. */
function answer({ meta }: Pick<Resource, 'meta'>): object {
  const isEmpty = meta === undefined || Object.keys(meta).length === 0;
  return {
    resourceType: 'Parameters',
    ...(!isEmpty && { parameter: [{ name: 'return', valueMeta: meta }] }),
  };
}

type Change = (present: readonly JsonValue[], sent: readonly JsonValue[]) => readonly JsonValue[];

/** The change makes a new version, as an update would. */
async function changeMeta(ctx: InteractionContext, call: OperationCall, change: Change): Promise<object> {
  const key = keyOf(call);
  const sent = sentMeta(call, key.type);
  const { version } = await patchResource(ctx, key, ({ resource, exactNumbers }) => {
    const meta: Record<string, JsonValue | undefined> = { ...resource.meta };
    for (const name of metaLists) {
      const list = change(listOf(meta[name]), listOf(sent[name]));
      if (list.length > 0) meta[name] = list;
      else delete meta[name];
    }
    return { resource: { ...resource, meta }, exactNumbers };
  });
  return answer(JSON.parse(version.text) as Resource);
}

function sentMeta({ body }: OperationCall, type: ResourceType): JsonObject {
  const parameters = listOf(body?.resource['parameter']);
  const meta = parameters
    .filter((parameter): parameter is JsonObject => typeof parameter === 'object' && parameter !== null)
    .find((parameter) => parameter['name'] === 'meta')?.['valueMeta'];
  if (typeof meta === 'object' && meta !== null && !Array.isArray(meta)) return meta as JsonObject;
  throw new Problem('missing-parameter', `The operation on ${type} needs a parameter meta with a valueMeta`, {
    expression: placeOf('meta'),
  });
}

function listOf(value: JsonValue | undefined): readonly JsonValue[] {
  return Array.isArray(value) ? value : [];
}

/** Profiles are equal by URL, codings by system and code. */
function isSame(a: JsonValue, b: JsonValue): boolean {
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return a === b;
  const [left, right] = [a as JsonObject, b as JsonObject];
  return left['system'] === right['system'] && left['code'] === right['code'];
}

function addTo(present: readonly JsonValue[], sent: readonly JsonValue[]): readonly JsonValue[] {
  return [...present, ...sent.filter((item) => !present.some((other) => isSame(other, item)))];
}

function removeFrom(present: readonly JsonValue[], sent: readonly JsonValue[]): readonly JsonValue[] {
  return present.filter((item) => !sent.some((other) => isSame(other, item)));
}
