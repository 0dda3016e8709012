import { Problem } from '../fhir/problem.ts';
import type { ResourceType } from '../fhir/resource-type.ts';

/** Decoded name and value pairs, in the order of the query. */
export type ParameterList = readonly (readonly [name: string, value: string])[];

/** The name and value pairs of a query string or form body, in order. Pairs without a name are left out. */
export function parseQuery(query: string): ParameterList {
  const text = query.startsWith('?') ? query.slice(1) : query;
  if (text === '') return [];
  return text
    .split('&')
    .filter((pair) => pair !== '' && !pair.startsWith('='))
    .map((pair) => {
      const equals = pair.indexOf('=');
      return equals < 0
        ? [decode(pair), '']
        : [decode(pair.slice(0, equals)), decode(pair.slice(equals + 1))];
    });
}

/** What belongs to HTTP, and is no criterion of a conditional interaction. */
export function withoutFormat(query: ParameterList): ParameterList {
  return query.filter(([name]) => name !== '_format' && name !== '_pretty');
}

/** R4 http.html#ccreate: `identifier=…`. HAPI's client sends the whole URL of the search, with `_format` in it. */
export function parseIfNoneExist(condition: string, type: ResourceType): ParameterList {
  const [, path = '', query = condition] = /^([^?=]*)\?(.*)$/s.exec(condition) ?? [];
  if (path !== '' && path.split('/').at(-1) !== type) {
    throw new Problem('invalid-parameter', `If-None-Exist must search ${type}, not ${path.slice(0, 80)}`);
  }
  return withoutFormat(parseQuery(query));
}

function decode(text: string): string {
  if (!/[%+]/.test(text)) return text;
  try {
    return decodeURIComponent(text.replaceAll('+', ' '));
  } catch {
    throw new Problem('invalid-parameter', `"${text.slice(0, 80)}" is not well-formed URL encoding of UTF-8`);
  }
}
