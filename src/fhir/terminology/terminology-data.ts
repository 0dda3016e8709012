import type {
  CodeSystem,
  CodeSystemConcept,
  CodeSystemConceptProperty,
  CodeSystemProperty,
  ConceptMap,
  ConceptMapGroupElementTarget,
  ValueSet,
} from 'fhir/r4.js';

/** A row of a code system in terminology/: names, definition and parent are set apart, the rest are properties. */
export type ConceptRow = readonly [code: string, display: string, more?: ConceptDetails];
export type ConceptDetails = {
  readonly names?: readonly string[];
  readonly definition?: string;
  readonly parent?: string;
  readonly [property: string]: string | boolean | readonly string[] | undefined;
};

/** The `system` of a Coding property is that of all its values. */
export type PropertyData = CodeSystemProperty & { readonly system?: string };
export type CodeSystemData = Omit<CodeSystem, 'status' | 'concept' | 'property'> & {
  readonly id: string;
  readonly url: string;
  readonly property?: readonly PropertyData[];
  readonly concepts: readonly ConceptRow[];
};

export type ValueSetData = Omit<ValueSet, 'status'> & { readonly id: string; readonly url: string };

type TargetRow = readonly [
  code: string,
  equivalence: ConceptMapGroupElementTarget['equivalence'],
  comment?: string,
];
export type ConceptMapData = Omit<ConceptMap, 'status' | 'group'> & {
  readonly id: string;
  readonly url: string;
  readonly groups: readonly {
    readonly source: string;
    readonly target: string;
    readonly rows: readonly (readonly [code: string, ...targets: TargetRow[]])[];
  }[];
};

export type TerminologyDocument = CodeSystemData | ValueSetData | ConceptMapData;

export function toCodeSystem(data: CodeSystemData): CodeSystem {
  const { concepts, property, ...head } = data;
  const declared = new Map((property ?? []).map((one) => [one.code, one]));
  const roots: CodeSystemConcept[] = [];
  const byCode = new Map<string, CodeSystemConcept>();
  for (const [code, display, more] of concepts) {
    const concept = toConcept(code, display, more, declared);
    byCode.set(code, concept);
    const parent = more?.parent === undefined ? undefined : byCode.get(more.parent);
    if (!parent) roots.push(concept);
    else if (parent.concept) parent.concept.push(concept);
    else parent.concept = [concept];
  }
  return {
    ...head,
    status: 'active',
    experimental: false,
    count: concepts.length,
    ...(property && { property: property.map(({ system: _, ...one }) => one) }),
    concept: roots,
  };
}

function toConcept(
  code: string,
  display: string,
  more: ConceptDetails | undefined,
  declared: ReadonlyMap<string, PropertyData>,
): CodeSystemConcept {
  if (!more) return { code, display };
  const { names, definition, parent: _, ...rest } = more;
  const property = Object.entries(rest).flatMap(([name, value]) => {
    const declaration = declared.get(name);
    if (!declaration || value === undefined) return [];
    const values = typeof value === 'object' ? value : [value];
    return values.map((one) => toProperty(declaration, one));
  });
  return {
    code,
    display,
    ...(definition !== undefined && { definition }),
    ...(names && { designation: names.map((value) => ({ language: 'en', value })) }),
    ...(property.length > 0 && { property }),
  };
}

function toProperty(
  { code, type, system }: PropertyData,
  value: string | boolean,
): CodeSystemConceptProperty {
  if (typeof value === 'boolean') return { code, valueBoolean: value };
  switch (type) {
    case 'Coding':
      return { code, valueCoding: system === undefined ? { code: value } : { system, code: value } };
    case 'dateTime':
      return { code, valueDateTime: value };
    case 'code':
      return { code, valueCode: value };
    default:
      return { code, valueString: value };
  }
}

export function toValueSet(data: ValueSetData): ValueSet {
  return { ...data, status: 'active', experimental: false };
}

export function toConceptMap({ groups, ...head }: ConceptMapData): ConceptMap {
  return {
    ...head,
    status: 'active',
    experimental: false,
    group: groups.map(({ source, target, rows }) => ({
      source,
      target,
      element: rows.map(([code, ...targets]) => ({
        code,
        target: targets.map(([targetCode, equivalence, comment]) => ({
          code: targetCode,
          equivalence,
          ...(comment !== undefined && { comment }),
        })),
      })),
    })),
  };
}
