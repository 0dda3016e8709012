import type { Resource } from '../../fhir/resource.ts';
import type { InteractionContext } from '../../interaction/context.ts';
import type { Filter } from '../../search/filter.ts';
import type { ResourceId } from '../../values/resource-id.ts';

/** How two records compare, field by field. */
export type Comparison = {
  readonly outcome: 'match' | 'possible' | 'none';
  readonly grade: string;
  /** 0 to 1. */
  readonly score: number;
  readonly points: number;
  readonly fields: readonly { readonly field: string; readonly level: string; readonly points: number }[];
  /** The rule that decided in place of the points. */
  readonly rule?: string;
};

/** Somebody who is known, and how a record compares. */
export type Likely = { readonly id: ResourceId; readonly comparison: Comparison };

export type Search = {
  /** The most alike first. */
  readonly likely: readonly Likely[];
  /** What nobody may match meanwhile: somebody who was not compared. Undefined where nothing could be compared. */
  readonly noneNew: Filter | undefined;
};

/** Tells records of one person from those of two; the room of matching is one. */
export type Matcher = {
  /** Those who may be the person of the record, as the system, so whoever a caller sees. */
  readonly find: (
    system: InteractionContext,
    patient: Resource,
    except: ReadonlySet<string>,
  ) => Promise<Search>;
  /** Two records that share no key are not of one person. */
  readonly keysOf: (patient: Resource) => readonly string[];
  readonly compare: (a: Resource, b: Resource) => Comparison;
  /** Whether two versions of a record compare alike with anybody. */
  readonly isAlike: (a: Resource, b: Resource) => boolean;
};
