import type { Resource } from '../../fhir/resource.ts';
import type { Join } from './record-links.ts';

/** The records of one person. Without a person it is one record that stands alone. */
export type PersonGroup = {
  readonly personId?: string;
  /** In the order in which they came to the person. */
  readonly sourceIds: readonly string[];
  /** Persons who were found to be this one. */
  readonly replacedIds: readonly string[];
  /** By which the sources hang together, as a tree. */
  readonly joins: readonly Join[];
};

/** How alike two records are, more by a greater number: the pair that is least so is the one to be doubted. */
export type Likeness = (a: Resource, b: Resource) => number;
