import type { JsonObject } from '../fhir-json.ts';
import type { Definitions } from './definitions.ts';
import { objectsAt } from './element-presence.ts';
import { isAbsoluteUri } from './primitive-rules.ts';
import { isObject, quote, type Run, reportAt } from './run.ts';

/** Their entries may be without an identity yet. */
const withoutUrls: readonly unknown[] = ['batch', 'transaction', 'batch-response', 'transaction-response'];
const restful = /\/([A-Z][A-Za-z]*)\/([A-Za-z0-9\-.]{1,64})$/;

/** What the definitions of Bundle.entry.fullUrl and of documents say, and no invariant. */
export function checkBundleRules(run: Run, bundle: JsonObject, definitions: Definitions): void {
  objectsAt(bundle, 'entry').forEach((entry, index) => {
    const fault = urlFault(entry, bundle['type'], definitions);
    if (fault) reportAt(run, ['entry', index], { severity: 'error', code: 'value', text: fault });
  });
  if (bundle['type'] === 'document') checkDocument(run, bundle);
}

function urlFault(
  { fullUrl, resource }: JsonObject,
  bundleType: unknown,
  { types }: Definitions,
): string | undefined {
  const { resourceType, id } = isObject(resource) ? resource : {};
  if (typeof fullUrl !== 'string') {
    // What an operation answers may be without an id; it is then not identified by a URL either.
    if (fullUrl !== undefined || id === undefined || withoutUrls.includes(bundleType)) return undefined;
    return 'An entry whose resource has an id must have its fullUrl';
  }
  if (!isAbsoluteUri(fullUrl)) return `The fullUrl ${quote(fullUrl)} is not an absolute URL`;
  const [, type = '', urlId] = (/^https?:/.test(fullUrl) && restful.exec(fullUrl)) || [];
  if (id === undefined || !Object.hasOwn(types, type)) return undefined;
  if (type === resourceType && urlId === id) return undefined;
  return `The fullUrl ${quote(fullUrl)} disagrees with its resource, which is ${resourceType}/${id}`;
}

/** The references of a Composition that documents.html wants in the document, as paths through objects and lists. */
const composed: readonly (readonly string[])[] = [
  ['subject'],
  ['encounter'],
  ['author'],
  ['attester', 'party'],
  ['custodian'],
  ['event', 'detail'],
];
const composedInSection = ['author', 'focus', 'entry'];

type Found = { readonly at: readonly (string | number)[]; readonly reference: string };

function checkDocument(run: Run, bundle: JsonObject): void {
  const [first] = objectsAt(bundle, 'entry');
  const composition = first && isObject(first['resource']) ? first['resource'] : {};
  if (composition['resourceType'] !== 'Composition') return;
  const names = namesIn(bundle);
  const found = [
    ...composed.flatMap((path) => [...referencesAt(composition, path)]),
    ...referencesInSections(composition),
  ];
  for (const { at, reference } of found) {
    if (reference.startsWith('#') || names.has(reference.split('/_history/')[0] ?? reference)) continue;
    const text = `${quote(reference)} is not in the document, which must have what its Composition refers to`;
    reportAt(run, ['entry', 0, 'resource', ...at, 'reference'], {
      severity: 'error',
      code: 'not-found',
      text,
    });
  }
}

/** By what a reference may name the entries: their URLs, and type and id. */
function namesIn(bundle: JsonObject): ReadonlySet<string> {
  const names = new Set<string>();
  for (const { fullUrl, resource } of objectsAt(bundle, 'entry')) {
    if (typeof fullUrl === 'string') names.add(fullUrl);
    if (isObject(resource)) names.add(`${resource['resourceType']}/${resource['id']}`);
  }
  return names;
}

function* referencesInSections(holder: JsonObject, at: readonly (string | number)[] = []): Generator<Found> {
  for (const [index, section] of objectsAt(holder, 'section').entries()) {
    const here = [...at, 'section', index];
    for (const name of composedInSection) yield* referencesAt(section, [name], here);
    yield* referencesInSections(section, here);
  }
}

function* referencesAt(
  holder: JsonObject,
  [name = '', ...rest]: readonly string[],
  at: readonly (string | number)[] = [],
): Generator<Found> {
  const isList = Array.isArray(holder[name]);
  for (const [index, value] of objectsAt(holder, name).entries()) {
    const here = isList ? [...at, name, index] : [...at, name];
    const { reference } = value;
    if (rest.length > 0) yield* referencesAt(value, rest, here);
    else if (typeof reference === 'string') yield { at: here, reference };
  }
}
