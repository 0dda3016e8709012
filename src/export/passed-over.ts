import { type Issue, Problem } from '../fhir/problem.ts';
import type { InteractionContext } from '../interaction/context.ts';
import { type ExportLevel, offeredOn } from './offered.ts';
import type { Wanted } from './plan-views.ts';
import type { ExportRequest } from './read-request.ts';

/** Types that a level of people does not have: told where others are asked for beside them, else refused. */
export function outsideLevel(
  level: ExportLevel,
  { types = [], table, isLenient }: ExportRequest,
): readonly Issue[] {
  const outside = table ? [] : types.filter((type) => !offeredOn(level).includes(type));
  const tell = (type: string) => `_type=${type}: nothing of the kind belongs to a patient`;
  if (outside.length > 0 && outside.length === types.length && !isLenient) {
    throw new Problem('invalid-parameter', tell(outside.join(',')), { expression: '_type' });
  }
  return outside.map((type) => ({ ...passed, text: tell(type), expression: '_type' }));
}

const passed = { severity: 'warning', code: 'not-supported' } as const;

/** Names of `_elements` that nothing that is exported has: a misspelled one would be left out of each resource. */
export function unknownElements(
  { elementTables }: InteractionContext,
  { elements, isLenient }: ExportRequest,
  wanted: readonly Wanted[],
): readonly Issue[] {
  const isIn = (type: string, name: string) => elementTables(type)?.has(name) ?? true;
  const texts = [...elements].flatMap(([of, names]) => {
    const types = of === '*' ? wanted.map(({ type }) => type) : [of];
    const unknown = names.filter((name) => !types.some((type) => isIn(type, name)));
    return unknown.map((name) => withoutElement(of, name));
  });
  const [first] = texts;
  if (first !== undefined && !isLenient) {
    throw new Problem('invalid-parameter', first, { expression: '_elements' });
  }
  return texts.map((text) => ({ ...passed, text, expression: '_elements' }));
}

function withoutElement(of: string, name: string): string {
  const element = name.slice(0, 80);
  return of === '*'
    ? `_elements=${element}: no type that is exported has such an element`
    : `_elements=${of}.${element}: no ${of} has such an element`;
}
