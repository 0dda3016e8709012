import { type Filter, not } from '../search/filter.ts';

/** What names no Patient by the parameter. */
export function aboutNobody(param: string): Filter {
  return not({ kind: 'value', param, test: { kind: 'reference', anyOf: [{ type: 'Patient' }] } });
}

/** Whether the filter is one of `aboutNobody`: no person passes it. */
export function isAboutNobody(filter: Filter): boolean {
  if (filter.kind !== 'not' || filter.of.kind !== 'value' || filter.of.test.kind !== 'reference')
    return false;
  return filter.of.test.anyOf.some(({ type, id }) => type === 'Patient' && id === undefined);
}
