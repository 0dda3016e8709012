import type { JsonObject } from '../fhir-json.ts';
import { isAbsoluteUri } from './primitive-rules.ts';
import { isObject, quote, type Run, reportAt, type Scope } from './run.ts';

/** Type/id at the end of a relative or absolute URL, with or without a version. */
const literalShape =
  /^(?:[A-Za-z][A-Za-z0-9+.-]*:.*\/)?([A-Z][A-Za-z]*)\/[A-Za-z0-9\-.]{1,64}(?:\/_history\/[A-Za-z0-9\-.]{1,64})?(?:#.*)?$/;
const conditionalShape = /^([A-Z][A-Za-z]*)\?/;

/** Is it a reference that can be followed, and to a type that may stand here? `targets` undefined: any. */
export function checkReference(
  run: Run,
  scope: Scope,
  value: JsonObject,
  targets: readonly string[] | undefined,
): void {
  const { reference, type } = value;
  const literal = typeof reference === 'string' ? typeReferredTo(reference, scope) : undefined;
  if (typeof reference === 'string' && literal === undefined && isMalformed(reference)) {
    const text = `${quote(reference)} is no reference: expected Type/id, an absolute URL or #id`;
    reportAt(run, ['reference'], { severity: 'error', code: 'value', text });
    return;
  }
  const stated = typeof type === 'string' && /^[A-Z][A-Za-z]*$/.test(type) ? type : undefined;
  if (literal !== undefined && stated !== undefined && literal !== stated) {
    const text = `The type says ${quote(stated)}, but ${quote(reference)} is a ${literal}`;
    reportAt(run, ['type'], { severity: 'error', code: 'value', text });
  }
  const target = literal ?? stated;
  if (target === undefined || !targets || targets.includes(target)) return;
  const text = `${quote(reference ?? stated)} is a ${target}; expected ${targets.join(' or ')}`;
  reportAt(run, literal === undefined ? ['type'] : ['reference'], { severity: 'error', code: 'value', text });
}

/** For dom-3: what is contained must be referred to, or refer to its container. */
export function noteLocalReference({ root, resource, localReferences }: Scope, text: string): void {
  if (text !== '#') localReferences.add(text.slice(1));
  else if (resource !== root && typeof resource['id'] === 'string') localReferences.add(resource['id']);
}

/** The resource type behind a reference; undefined where it cannot be told. */
export function typeReferredTo(reference: string, scope: Scope): string | undefined {
  const resource = resolveNearby(reference, scope);
  if (resource) return typeof resource['resourceType'] === 'string' ? resource['resourceType'] : undefined;
  return (literalShape.exec(reference) ?? conditionalShape.exec(reference))?.[1];
}

/** What a reference points at, where that is contained or in the same Bundle. */
export function resolveNearby(
  reference: string,
  { root, contained, entries }: Scope,
): JsonObject | undefined {
  if (reference === '#') return root;
  if (reference.startsWith('#')) return contained.get(reference.slice(1));
  const entry = entries?.get(reference);
  return entry && isObject(entry) ? entry : undefined;
}

function isMalformed(reference: string): boolean {
  return !reference.startsWith('#') && !isAbsoluteUri(reference);
}
