import type { OwnKeys } from './own-keys.ts';
import type { SearchParam, SearchParams } from './search-params.ts';

/** Rises when index values are drawn otherwise than before though no definition has changed. */
const rules = 4;
/** Of types of which something more is drawn since. */
const laterRules: Readonly<Record<string, number>> = { Consent: 6, Immunization: 5 };

/** All that decides how the index values of a type are drawn. It is compared, not read. */
export type IndexDefinition = {
  readonly rules: number;
  /** Below which URL an absolute reference is one of this server. */
  readonly baseUrl: string;
  /** By the code of the parameter. */
  readonly params: Readonly<Record<string, string>>;
};

/**
 * Why the values of a parameter are not what is searched for. `changed`: it is defined otherwise. `moved`: the base is
 * another, so that only absolute references to it are missed.
 */
export type Staleness = 'changed' | 'moved';

export function indexDefinition(
  params: SearchParams,
  baseUrl: string,
  type: string,
  ownKeys: readonly OwnKeys[] = [],
): IndexDefinition {
  const byType: ReadonlyMap<string, ReadonlyMap<string, SearchParam>> = params;
  const ofType = [...(byType.get(type)?.values() ?? [])];
  const texts = [
    ...ofType.map((param) => [param.code, textOf(param)] as const),
    ...ownKeys
      .filter((keys) => keys.type === type)
      .map(({ code, version }) => [code, `own ${version}`] as const),
  ];
  return { rules: laterRules[type] ?? rules, baseUrl: baseName(baseUrl), params: Object.fromEntries(texts) };
}

/** Nobody else refers to a server by a loopback address, whatever its port. */
function baseName(baseUrl: string): string {
  return /^https?:\/\/(?:127\.0\.0\.1|localhost|\[::1\])(?=[:/]|$)/.test(baseUrl) ? 'loopback' : baseUrl;
}

/** Where the definition comes from, and what it is called, change nothing. */
function textOf({ type, expression, target, components, isByWord }: SearchParam): string {
  return JSON.stringify([type, expression, target, components, ...(isByWord ? ['by word'] : [])]);
}

/** The parameters whose values in the index were drawn otherwise than `present` says. */
export function staleParams(
  built: IndexDefinition,
  present: IndexDefinition,
): ReadonlyMap<string, Staleness> {
  const stale = new Map<string, Staleness>();
  for (const [code, text] of Object.entries(present.params)) {
    if (built.rules !== present.rules || built.params[code] !== text) stale.set(code, 'changed');
    else if (built.baseUrl !== present.baseUrl && isReference(text)) stale.set(code, 'moved');
  }
  return stale;
}

function isReference(text: string): boolean {
  return text.startsWith('["reference"');
}

/**
 * What the index still is once resources are written under `present`: what is stale or is no longer drawn is not whole any
 * more, also when it is defined as before again.
 */
export function stillBuilt(built: IndexDefinition, present: IndexDefinition): IndexDefinition {
  const stale = staleParams(built, present);
  const isKept = (code: string) => code in present.params && stale.get(code) !== 'changed';
  const kept = Object.entries(built.params).filter(([code]) => isKept(code));
  return { ...built, rules: present.rules, params: Object.fromEntries(kept) };
}
