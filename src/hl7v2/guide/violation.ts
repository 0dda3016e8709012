import type { ErrorLocation } from '../finding.ts';

/** One way in which a message is not as a profile says. */
export type Violation = {
  readonly location: ErrorLocation;
  /** What the guide calls the element. */
  readonly name: string;
  readonly fault: Fault;
};

export type Fault =
  /** Required, and not there; `conditional`: for a condition that holds here; `within`: the group that lacks it. */
  | { readonly kind: 'missing'; readonly conditional?: true; readonly within?: string }
  /** There, where it must not be. */
  | { readonly kind: 'unsupported'; readonly conditional?: true }
  | { readonly kind: 'length'; readonly value: string; readonly min: number; readonly max: number }
  | { readonly kind: 'format'; readonly value: string; readonly type: string }
  | { readonly kind: 'code'; readonly value: string; readonly table: string }
  | { readonly kind: 'code-system'; readonly value: string; readonly expected: readonly string[] }
  | { readonly kind: 'unescaped'; readonly value: string }
  /** `""`: what is kept is to be deleted. */
  | { readonly kind: 'deletion'; readonly value: string }
  | { readonly kind: 'value-type'; readonly value: string }
  | { readonly kind: 'statement'; readonly id: string }
  | { readonly kind: 'repeated' }
  | { readonly kind: 'unexpected' }
  /** A segment of a name that the profile does not have. */
  | { readonly kind: 'unknown' };
