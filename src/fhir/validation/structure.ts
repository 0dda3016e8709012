import type { JsonObject, JsonValue } from '../fhir-json.ts';
import type { Definitions, StructureCheck, StructureFault } from './definitions.ts';
import { isFull, isObject, quote, type Run, reportAt } from './run.ts';
import type { Slot, TypeNode } from './type-table.ts';

export type StructureSources = {
  readonly check: StructureCheck;
  readonly node: TypeNode;
  readonly valueSets: Definitions['valueSets'];
};

type Found = { readonly code: string; readonly text: string; readonly below: string | undefined };

/** Names, JSON types, cardinality, choices and required codes. False where some of them is wrong. */
export function checkStructure(
  run: Run,
  resource: JsonObject,
  { check, node, valueSets }: StructureSources,
): boolean {
  if (check(resource)) return true;
  for (const fault of check.errors ?? []) {
    if (isFull(run)) break;
    const place = toPlace(fault.instancePath, resource, node);
    const { code, text, below } = describe(fault, place, valueSets);
    const steps = below === undefined ? place.steps : [...place.steps, below];
    reportAt(run, steps, { severity: 'error', code, text });
  }
  return false;
}

/** Where a fault lies, as steps of an expression, and what stands there. */
type Place = { readonly steps: readonly (string | number)[]; readonly value: JsonValue | undefined };

/** `/name/0/_given` is `name[0].given`, `/valueQuantity` is `value`. */
function toPlace(pointer: string, resource: JsonObject, root: TypeNode): Place {
  const steps: (string | number)[] = [];
  let value: JsonValue | undefined = resource;
  let node: TypeNode | undefined = root;
  for (const name of pointer.split('/').slice(1)) {
    if (Array.isArray(value)) {
      steps.push(Number(name));
      value = value[Number(name)];
    } else {
      const slot: Slot | undefined = node?.slots.get(name);
      steps.push(slot?.step ?? name);
      node = slot?.node;
      value = isObject(value) ? value[name] : undefined;
    }
  }
  return { steps, value };
}

function describe(
  { keyword, params }: StructureFault,
  { steps, value }: Place,
  valueSets: Definitions['valueSets'],
): Found {
  const name = String(steps.findLast((step) => typeof step === 'string') ?? 'resource');
  const here = (code: string, text: string): Found => ({ code, text, below: undefined });
  switch (keyword) {
    case 'elements':
      return unknownElement(params.element ?? '', name);
    case 'mandatory':
      return { code: 'required', text: `The element ${params.element} is missing`, below: params.element };
    case 'choices':
      return choiceFault(params.element ?? '', params.count ?? 0, value);
    case 'code':
      return here(
        'code-invalid',
        `${quote(value)} is not a code for ${name}${listCodes(params.valueSet, valueSets)}`,
      );
    case 'maxItems':
      return here('structure', `${name} stands more than ${params.limit} times`);
    case 'minItems':
      return here('structure', `${name} is an empty array; leave it out`);
    default:
      return here('structure', `${name} must be ${typeName(params.type)}, not ${typeOf(value)}`);
  }
}

function unknownElement(element: string, owner: string): Found {
  const name = element.length > 80 ? `${element.slice(0, 79)}…` : element;
  const text = `${quote(element)} is not an element of ${owner === 'resource' ? 'this resource' : owner}`;
  return { code: 'structure', text, below: name.startsWith('_') ? name.slice(1) : name };
}

function choiceFault(element: string, count: number, value: JsonValue | undefined): Found {
  const step = element.replace('[x]', '');
  if (count === 0)
    return { code: 'required', text: `One of the ${element} elements is missing`, below: step };
  const pattern = new RegExp(`^_?${step}[A-Z]`);
  const found = isObject(value) ? Object.keys(value).filter((key) => pattern.test(key)) : [];
  const names = [...new Set(found.map((key) => key.replace('_', '')))].join(', ');
  return {
    code: 'structure',
    text: `Only one of the ${element} elements may stand here, not ${names}`,
    below: step,
  };
}

function listCodes(valueSet: string | undefined, valueSets: Definitions['valueSets']): string {
  const codes = Object.values(valueSets[valueSet ?? ''] ?? {}).flat();
  return codes.length > 0 && codes.length <= 12
    ? `: expected ${codes.join(', ')}`
    : ` (value set ${valueSet})`;
}

function typeName(type: string | readonly string[] | undefined): string {
  const name = typeof type === 'string' ? type : type?.[0];
  if (name === 'array') return 'an array, for it may repeat';
  return name === 'object' || name === 'integer' ? `an ${name}` : `a ${name}`;
}

function typeOf(value: JsonValue | undefined): string {
  if (Array.isArray(value)) return 'an array';
  if (value === null) return 'null';
  return isObject(value) ? 'an object' : `the ${typeof value} ${quote(value)}`;
}
