import type { Filter } from './filter.ts';
import type { Include, SearchRequest } from './search-request.ts';

/** A parameter of a type; '*' is any type. */
export type UsedParam = { readonly type: string; readonly code: string };

/** Every parameter whose index values the answer of the search depends on. */
export function usedParams({
  types,
  filter,
  sort,
  includes,
  revincludes,
}: SearchRequest): readonly UsedParam[] {
  const used: UsedParam[] = [];
  for (const type of types) {
    collect(filter, type, used);
    for (const { param } of sort) used.push({ type, code: param });
  }
  const followed = (include: Include) => ({ type: include.source, code: include.param });
  return [...used, ...includes.map(followed), ...revincludes.map(followed)];
}

/** The parameters that a filter on resources of the type asks by. */
export function paramsOfFilter(filter: Filter, type: string): readonly UsedParam[] {
  const used: UsedParam[] = [];
  collect(filter, type, used);
  return used;
}

function collect(filter: Filter, type: string, used: UsedParam[]): void {
  switch (filter.kind) {
    case 'and':
    case 'or':
      for (const part of filter.of) collect(part, type, used);
      return;
    case 'not':
      collect(filter.of, type, used);
      return;
    case 'value':
    case 'present':
      used.push({ type, code: ownCode(filter.param) });
      return;
    case 'chain':
      used.push({ type, code: ownCode(filter.param) });
      collect(filter.of, filter.type, used);
      return;
    case 'has':
      used.push({ type: filter.type, code: ownCode(filter.param) });
      collect(filter.of, filter.type, used);
      return;
    case 'id':
    case 'type':
    case 'concerns':
    case 'reach':
    case 'lastUpdated':
      return;
  }
}

/** `code:text` holds values of the parameter `code`. */
function ownCode(param: string): string {
  return param.replace(/:.*$/, '');
}
