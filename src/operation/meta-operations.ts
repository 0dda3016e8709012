import type { JsonValue } from '../fhir/fhir-json.ts';
import type { Resource } from '../fhir/resource.ts';
import { resourceTypes } from '../fhir/resource-type.ts';
import type { InteractionContext } from '../interaction/context.ts';
import { readStoredJson } from '../interaction/parse-stored.ts';
import { patchResource } from '../interaction/patch-resource.ts';
import { readResource } from '../interaction/read-resource.ts';
import type { Patch } from '../interaction/write-plan.ts';
import { metaInUse, metaLists } from './meta-in-use.ts';
import type { Operation, OperationCall } from './operation.ts';
import { type OperationAnswer, resourceAnswer } from './operation-answer.ts';
import { input, type OperationParameter, output } from './operation-parameter.ts';
import { without } from './without.ts';

const onInstance = { types: resourceTypes, levels: ['instance'], affectsState: true } as const;
const changes: readonly OperationParameter[] = [
  input('meta', 'Meta', 'Profiles, security labels and tags', { min: 1 }),
  output('return', 'Meta', 'The meta of the version that this made', { min: 1 }),
];

/** R4 resource-operation-meta.html; on a type and the system it is what is in use there. */
export const metaOperations: readonly Operation[] = [
  {
    ...named('meta'),
    description: 'Answers the meta of a resource, or the profiles, security labels and tags in use.',
    types: resourceTypes,
    levels: ['instance', 'type', 'system'],
    affectsState: false,
    parameters: [output('return', 'Meta', 'Absent where nothing is in use')],
    run: async (ctx, call) =>
      answer(call.id === undefined ? await sumUpMeta(ctx, call) : await readMeta(ctx, call)),
  },
  {
    ...named('meta-add'),
    ...onInstance,
    description: 'Adds profiles, security labels and tags to a resource.',
    parameters: changes,
    run: async (ctx, call) => answer(await changeMeta(ctx, call, addTo)),
  },
  {
    ...named('meta-delete'),
    ...onInstance,
    description: 'Takes profiles, security labels and tags away from a resource.',
    parameters: changes,
    run: async (ctx, call) => answer(await changeMeta(ctx, call, removeFrom)),
  },
];

function named(code: string) {
  return { code, definition: `http://hl7.org/fhir/OperationDefinition/Resource-${code}` };
}

function keyOf({ type, id }: OperationCall) {
  if (type === undefined || id === undefined) throw new Error('$meta was called without a resource');
  return { type, id };
}

type WithMeta = Pick<Resource, 'meta'>;

async function readMeta(ctx: InteractionContext, call: OperationCall): Promise<WithMeta> {
  return readStoredJson<Resource>(await readResource(ctx, keyOf(call)), ctx.pace);
}

async function sumUpMeta(ctx: InteractionContext, { type }: OperationCall): Promise<WithMeta> {
  return { meta: await metaInUse(ctx, type === undefined ? resourceTypes : [type]) };
}

/** R4 json.html has no empty object: where nothing is in use, there is nothing to return. */
function answer({ meta }: WithMeta): OperationAnswer {
  const isEmpty = meta === undefined || Object.keys(meta).length === 0;
  return resourceAnswer({
    resourceType: 'Parameters',
    ...(!isEmpty && { parameter: [{ name: 'return', valueMeta: meta }] }),
  });
}

type Change = (present: readonly JsonValue[], sent: readonly JsonValue[]) => readonly JsonValue[];

/** The change makes a new version, as an update would. */
async function changeMeta(ctx: InteractionContext, call: OperationCall, change: Change): Promise<WithMeta> {
  const key = keyOf(call);
  const sent = call.inputs.object('meta') ?? {};
  const patch: Patch = ({ resource, exactNumbers }) => {
    const meta: Record<string, JsonValue | undefined> = { ...resource.meta };
    for (const name of metaLists) {
      const list = change(listOf(meta[name]), listOf(sent[name]));
      if (list.length > 0) meta[name] = list;
      else delete meta[name];
    }
    return { resource: { ...resource, meta }, exactNumbers };
  };
  const { version } = await patchResource(ctx, key, patch, call.preconditions);
  return readStoredJson<Resource>(version, ctx.pace);
}

function listOf(value: JsonValue | undefined): readonly JsonValue[] {
  return Array.isArray(value) ? value : [];
}

function addTo(present: readonly JsonValue[], sent: readonly JsonValue[]): readonly JsonValue[] {
  return [...present, ...without(sent, present)];
}

function removeFrom(present: readonly JsonValue[], sent: readonly JsonValue[]): readonly JsonValue[] {
  return without(present, sent);
}
