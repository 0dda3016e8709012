import type { JsonObject, JsonValue } from '../fhir-json.ts';
import type { ElementFacts, ValueSetCodes } from './definitions.ts';
import { isObject, quote, type Run, reportAt } from './run.ts';

/** url -> the codes of a value set; undefined where they are not known here. */
export type ValueSets = (url: string) => ValueSetCodes | undefined;

export type CompiledBinding = {
  readonly strength: 'required' | 'extensible';
  readonly url: string;
  readonly codes: ReadonlyMap<string, ReadonlySet<string>>;
};

/** Undefined where nothing can be checked: a weaker binding, or a value set whose codes are not known. */
export function compileBinding(
  { required, extensible }: NonNullable<ElementFacts['binding']> = {},
  valueSets: ValueSets,
): CompiledBinding | undefined {
  const url = required ?? extensible;
  const known = url === undefined ? undefined : valueSets(url);
  if (url === undefined || known === undefined) return undefined;
  const codes = new Map(Object.entries(known).map(([system, list]) => [system, new Set(list)]));
  return { strength: required === undefined ? 'extensible' : 'required', url, codes };
}

/** Checks a code, Coding, CodeableConcept or Quantity. A required `code` of a base type is a matter of structure. */
export function checkBinding(run: Run, value: JsonValue, type: string, binding: CompiledBinding): void {
  if (isObject(value)) {
    if (type === 'CodeableConcept') checkConcept(run, value, binding);
    else if (type === 'Coding' || type.endsWith('Quantity')) checkCoding(run, value, type, binding);
  } else if (typeof value === 'string' && binding.strength === 'required' && !hasCode(binding, value)) {
    reportCode(
      run,
      [],
      `${quote(value)} is not in the required value set ${binding.url}${some(binding)}`,
      'error',
    );
  }
}

function checkConcept(run: Run, concept: JsonObject, binding: CompiledBinding): void {
  const codings = Array.isArray(concept['coding']) ? concept['coding'].filter(isObject) : [];
  if (codings.some((coding) => contains(binding, coding))) return;
  if (binding.strength === 'required') {
    if (
      concept['coding'] === undefined &&
      concept['text'] === undefined &&
      concept['extension'] !== undefined
    )
      return;
    const found = codings[0] ? `${show(codings[0])} is not` : 'No coding is';
    reportCode(run, [], `${found} in the required value set ${binding.url}${some(binding)}`, 'error');
    return;
  }
  codings.forEach((coding, index) => {
    if (usesSystemOf(binding, coding)) warnOfCode(run, ['coding', index], coding, binding);
  });
}

function checkCoding(run: Run, coding: JsonObject, type: string, binding: CompiledBinding): void {
  if (contains(binding, coding)) return;
  if (binding.strength === 'extensible') {
    if (usesSystemOf(binding, coding)) warnOfCode(run, [], coding, binding);
  } else if (type === 'Coding' || coding['code'] !== undefined) {
    reportCode(
      run,
      [],
      `${show(coding)} is not in the required value set ${binding.url}${some(binding)}`,
      'error',
    );
  }
}

/** An extensible binding asks for its own code where it has one; a code unknown to its system is a likely slip. */
function warnOfCode(
  run: Run,
  below: readonly (string | number)[],
  coding: JsonObject,
  { url }: CompiledBinding,
): void {
  reportCode(
    run,
    below,
    `${show(coding)} is not in the value set ${url}, which uses codes of that system`,
    'warning',
  );
}

function reportCode(
  run: Run,
  below: readonly (string | number)[],
  text: string,
  severity: 'error' | 'warning',
): void {
  reportAt(run, below, { severity, code: 'code-invalid', text });
}

function contains({ codes }: CompiledBinding, { system, code }: JsonObject): boolean {
  return typeof system === 'string' && typeof code === 'string' && codes.get(system)?.has(code) === true;
}

function usesSystemOf({ codes }: CompiledBinding, { system, code }: JsonObject): boolean {
  return typeof system === 'string' && typeof code === 'string' && codes.has(system);
}

function hasCode({ codes }: CompiledBinding, code: string): boolean {
  for (const list of codes.values()) if (list.has(code)) return true;
  return false;
}

function show({ system, code }: JsonObject): string {
  return quote(`${typeof system === 'string' ? system : ''}|${typeof code === 'string' ? code : ''}`);
}

/** The codes themselves, where they are few. */
function some({ codes }: CompiledBinding): string {
  const all = [...codes.values()].flatMap((list) => [...list]);
  return all.length <= 12 ? ` (${all.join(', ')})` : '';
}
