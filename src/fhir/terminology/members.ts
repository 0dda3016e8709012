import type { CodeSystemConceptDesignation } from 'fhir/r4.js';

/** One code of a value set. */
export type Member = {
  readonly system: string;
  readonly version?: string;
  readonly code: string;
  readonly display?: string;
  readonly designations: readonly CodeSystemConceptDesignation[];
  readonly inactive: boolean;
  readonly abstract: boolean;
};

/** By `memberKey`, in the order of the definition. */
export type Members = ReadonlyMap<string, Member>;

/** Why a value set cannot be expanded. */
export type ExpansionFault = {
  readonly kind: 'unknown-system' | 'unknown-value-set' | 'unsupported' | 'circular' | 'too-costly';
  readonly text: string;
};

export type Expanded = Members | ExpansionFault;

export function memberKey(system: string, code: string): string {
  return `${system}|${code}`;
}

export function isFault(expanded: Expanded): expanded is ExpansionFault {
  return !(expanded instanceof Map);
}
