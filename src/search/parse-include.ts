import { isResourceType } from '../fhir/resource-type.ts';
import { ValueFault } from './parse-value.ts';
import type { Include, SearchContext } from './search-request.ts';

/** `Source:parameter[:Target]`, `Source:*` or `*`, and `:iterate` behind the name (R4 search.html#include). */
export function parseInclude(name: string, value: string, { params }: SearchContext): Include {
  const [, modifier, ...moreModifiers] = name.split(':');
  if (
    moreModifiers.length > 0 ||
    (modifier !== undefined && modifier !== 'iterate' && modifier !== 'recurse')
  ) {
    throw new ValueFault('has no modifier but :iterate');
  }
  const iterate = modifier !== undefined;
  if (value === '*') return { source: '*', param: '*', iterate };
  const [source = '', param = '*', target, ...more] = value.split(':');
  if (more.length > 0)
    throw new ValueFault(`is "${value}"; expected Type:parameter or Type:parameter:Target`);
  if (!isResourceType(source))
    throw new ValueFault(`is "${value}", but ${source} is not a resource type kept here`);
  if (param !== '*' && params.get(source)?.get(param)?.type !== 'reference') {
    throw new ValueFault(`is "${value}", but ${source} has no reference parameter "${param}"`);
  }
  if (target === undefined) return { source, param, iterate };
  if (!isResourceType(target))
    throw new ValueFault(`is "${value}", but ${target} is not a resource type kept here`);
  return { source, param, target, iterate };
}
