import type { IssueSeverity } from '../problem.ts';

/** The R4 definitions as tools/build-definitions.mjs trims them: dist/definitions/definitions.json. */
export type Definitions = {
  /** By the name of a resource or datatype, and by the path of a backbone element (`Patient.contact`). */
  readonly types: Readonly<Record<string, TypeDefinition>>;
  readonly constraints: Readonly<Record<string, ConstraintDefinition>>;
  readonly valueSets: Readonly<Record<string, ValueSetCodes>>;
};

export type TypeDefinition = {
  readonly kind: 'primitive' | 'complex' | 'backbone' | 'resource';
  readonly abstract?: boolean;
  readonly elements?: Readonly<Record<string, ElementFacts>>;
  /** Keys into `constraints`. */
  readonly constraints?: readonly string[];
};

export type ElementFacts = {
  /** 0 where absent. */
  readonly min?: number;
  /** Present where the element repeats, which makes it an array in JSON. */
  readonly max?: number | '*';
  readonly types: readonly string[];
  /** Resource types that a reference may point at; absent: any. */
  readonly targets?: readonly string[];
  readonly binding?: { readonly required?: string; readonly extensible?: string };
  /** An attribute in XML: it has no extensions. */
  readonly attribute?: boolean;
  readonly modifier?: boolean;
  readonly summary?: boolean;
  readonly constraints?: readonly string[];
};

export type ConstraintDefinition = {
  readonly severity: 'error' | 'warning';
  readonly human: string;
  readonly expression?: string;
};

/** Codes by system. */
export type ValueSetCodes = Readonly<Record<string, readonly string[]>>;

/** A StructureDefinition as far as it is enforced: profiles/ and the core's own extensions. */
export type ProfileDefinition = {
  readonly url: string;
  readonly name?: string;
  readonly type: string;
  readonly baseDefinition: string;
  readonly context?: readonly { readonly type: string; readonly expression: string }[];
  readonly differential: { readonly element: readonly ProfileElement[] };
};

export type ProfileElementType = {
  readonly code: string;
  readonly profile?: readonly string[];
  readonly targetProfile?: readonly string[];
};

export type ProfileElement = {
  readonly id: string;
  readonly sliceName?: string;
  readonly min?: number;
  readonly max?: string;
  readonly type?: readonly ProfileElementType[];
  readonly binding?: { readonly strength: string; readonly valueSet?: string };
  readonly slicing?: {
    readonly discriminator?: readonly { readonly type: string; readonly path: string }[];
    readonly rules?: string;
  };
  readonly constraint?: readonly {
    readonly key: string;
    readonly severity: 'error' | 'warning';
    readonly human: string;
    readonly expression?: string;
  }[];
  readonly mustSupport?: boolean;
  readonly isModifier?: boolean;
  /** fixedUri, patternCodeableConcept, … */
  readonly [fixedOrPattern: `fixed${string}` | `pattern${string}`]: unknown;
};

/** One failure that the generated structure checks find; the form is ajv's. */
export type StructureFault = {
  /** JSON pointer from the checked object. */
  readonly instancePath: string;
  readonly keyword: string;
  readonly params: {
    readonly element?: string;
    readonly count?: number;
    readonly type?: string | readonly string[];
    readonly limit?: number;
    readonly valueSet?: string;
  };
};

/** A generated function; after it answers false, `errors` holds why. */
export type StructureCheck = {
  (value: unknown): boolean;
  readonly errors?: readonly StructureFault[] | null;
};

/** fhirpath.js, as far as it is used: loading it takes 0.1 s, so it is loaded when the first rule needs it. */
export type FhirPathEngine = {
  /** A function of the focus and the environment (%resource, …). */
  readonly compile: (
    expression: string,
    base: string,
  ) => (focus: unknown, environment: Record<string, unknown>) => readonly unknown[];
};

/** What the validator is made of. Everything comes in as data or functions: this folder reads no file. */
export type ValidatorSources = {
  readonly definitions: Definitions;
  /** The structure check of a resource type: undefined for a name that is no R4 resource. */
  readonly structureOf: (resourceType: string) => StructureCheck | undefined;
  /** Extensions that the core specification defines, by url; asked for only when such a url is met. */
  readonly coreExtensions: () => Readonly<Record<string, ProfileDefinition>>;
  /** StructureDefinition, ValueSet and CodeSystem resources of profiles/. */
  readonly profiles: readonly unknown[];
  readonly fhirPath: () => FhirPathEngine;
};

export type ConstraintSeverity = Extract<IssueSeverity, 'error' | 'warning'>;
