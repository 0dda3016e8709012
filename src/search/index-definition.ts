import type { SearchParam, SearchParams } from './search-params.ts';

/** Rises when index values are drawn otherwise than before though no definition has changed. */
const rules = 1;

/** All that decides how the index values of a type are drawn. It is compared, not read. */
export type IndexDefinition = {
  readonly rules: number;
  readonly baseUrl: string;
  /** By the code of the parameter. */
  readonly params: Readonly<Record<string, string>>;
};

export function indexDefinition(params: SearchParams, baseUrl: string, type: string): IndexDefinition {
  const ofType = [
    ...((params as ReadonlyMap<string, ReadonlyMap<string, SearchParam>>).get(type)?.values() ?? []),
  ];
  return { rules, baseUrl, params: Object.fromEntries(ofType.map((param) => [param.code, textOf(param)])) };
}

/** Where the definition comes from, and what it is called, change nothing. */
function textOf({ type, expression, target, components }: SearchParam): string {
  return JSON.stringify([type, expression, target, components]);
}

/** The parameters whose values in the index were drawn otherwise than `present` says. */
export function staleParams(built: IndexDefinition, present: IndexDefinition): readonly string[] {
  const codes = Object.keys(present.params);
  if (built.rules !== present.rules || built.baseUrl !== present.baseUrl) return codes;
  return codes.filter((code) => built.params[code] !== present.params[code]);
}

/**
 * What the index still is once resources are written under `present`: what is stale or is no longer drawn is not whole any
 * more, also when it is defined as before again.
 */
export function stillBuilt(built: IndexDefinition, present: IndexDefinition): IndexDefinition {
  const stale = new Set(staleParams(built, present));
  const kept = Object.entries(built.params).filter(([code]) => code in present.params && !stale.has(code));
  return { ...present, params: Object.fromEntries(kept) };
}
