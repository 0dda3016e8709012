import type { JsonObject, JsonValue } from '../fhir/fhir-json.ts';
import { placeOf } from '../fhir/parameter-place.ts';
import { Problem } from '../fhir/problem.ts';
import type { Resource } from '../fhir/resource.ts';
import type { ParameterList } from '../interaction/parse-query.ts';
import { codeIn } from './inputs.ts';
import { holdsResource, isResourceOf, type OperationParameter } from './operation-parameter.ts';
import { isArray, isObject } from './read-value.ts';

/** A parameter as it was sent, and where it stands. */
export type SentParameter = {
  readonly name: string;
  readonly place: string;
  /** As a query says it; absent where no query could. */
  readonly text?: string | undefined;
} & (
  | { readonly from: 'query'; readonly text: string }
  /** An item of Parameters, or a part of one. */
  | { readonly from: 'item'; readonly item: JsonObject }
  | { readonly from: 'body'; readonly resource: Resource }
);

export function sentInQuery(query: ParameterList): readonly SentParameter[] {
  return query.map(([name, text]) => ({ from: 'query', name, text, place: `http.${name.slice(0, 80)}` }));
}

/**
 * The items of Parameters. A body of another type is the parameter itself where the operation has one that is a
 * resource (R4 operations.html#executing); all others then stand in the URL.
 */
export function sentInBody(
  body: Resource | undefined,
  declared: readonly OperationParameter[],
): readonly SentParameter[] {
  if (!body) return [];
  const { resourceType } = body;
  if (resourceType === 'Parameters') return sentItems(body['parameter'], 'Parameters.parameter');
  const [only, ...others] = declared.filter(holdsResource);
  const bare = others.length === 0 ? only : undefined;
  if (bare && isResourceOf(body, bare)) {
    return [{ from: 'body', name: bare.name, resource: body, place: resourceType }];
  }
  const expected = bare ? `Parameters resource or a ${bare.type}` : 'Parameters resource';
  const found = JSON.stringify(resourceType)?.slice(0, 80);
  throw new Problem('invalid-content', `The body must be a ${expected}, not ${found}`, {
    expression: 'resourceType',
  });
}

/** The parts of an item of Parameters. */
export function sentParts(sent: SentParameter): readonly SentParameter[] {
  if (sent.from === 'item' && isArray(sent.item['part'])) {
    return sentItems(sent.item['part'], `${sent.place}.part`);
  }
  throw new Problem('invalid-content', `The parameter ${sent.name} must have parts`, {
    expression: sent.place,
  });
}

/** Each is looked up among the parameters that the operation has. */
const mostItems = 10_000;

function sentItems(items: JsonValue | undefined, list: string): readonly SentParameter[] {
  if (items === undefined) return [];
  if (!isArray(items)) throw new Problem('invalid-content', `${list} must be an array`, { expression: list });
  if (items.length > mostItems) {
    throw new Problem('too-large', `${list} may have ${mostItems} items`, { expression: list });
  }
  return items.map((item, index) => {
    if (!isObject(item) || typeof item['name'] !== 'string') {
      throw new Problem('invalid-content', 'A parameter must be an object with a name', {
        expression: `${list}[${index}]`,
      });
    }
    const { name } = item;
    return { from: 'item', name, item, text: textOf(item), place: placeOf(name, list) };
  });
}

export type SentValue = { readonly member: string; readonly value: JsonValue };

/** `resource`, `part` and each `value[x]` of an item; there should be one. */
export function valuesOf(item: JsonObject): readonly SentValue[] {
  return Object.entries(item).flatMap(([member, value]) =>
    value !== undefined && /^(?:resource|part|value[A-Z]\w*)$/.test(member) ? [{ member, value }] : [],
  );
}

function textOf(item: JsonObject): string | undefined {
  const [first] = valuesOf(item);
  if (!first || first.value === null) return undefined;
  return typeof first.value === 'object' ? codeIn(first.value) : String(first.value);
}
