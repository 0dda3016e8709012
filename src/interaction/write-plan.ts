import type { TypeInteraction } from '../access/caller.ts';
import type { ParsedResource } from '../fhir/resource.ts';
import type { ResourceType } from '../fhir/resource-type.ts';
import type { Filter } from '../search/filter.ts';
import type {
  Change,
  Guard,
  RecordChange,
  StoredResource,
  StoredVersion,
  WriteMethod,
} from '../store/contract/store.ts';
import type { ResourceId } from '../values/resource-id.ts';
import type { Opening } from './openings.ts';
import type { ParameterList } from './parse-query.ts';
import type { WriteResult } from './write-result.ts';

/** What a patch makes of a resource; throws a Problem when it cannot be applied. It does not write into the resource. */
export type Patch = (current: ParsedResource) => ParsedResource;

/** The resource that is meant: by its id, or as the one match of a search (R4 http.html#cond-update). */
export type Where =
  | { readonly type: ResourceType; readonly id: ResourceId }
  | { readonly type: ResourceType; readonly criteria: ParameterList };

/** The entity tags that a request asks for, or asks not to be there. */
export type Preconditions = {
  readonly ifMatch?: string | undefined;
  readonly ifNoneMatch?: string | undefined;
};

/** One thing that a caller wants written: a request, or an entry of a transaction. */
export type WriteIntent =
  | {
      readonly kind: 'create';
      readonly type: ResourceType;
      readonly parsed: ParsedResource;
      /** If-None-Exist: create only when nothing matches. */
      readonly ifNoneExist?: ParameterList | undefined;
    }
  | ({
      readonly kind: 'update';
      readonly where: Where;
      readonly parsed: ParsedResource;
      /**
       * What is written where nothing is there yet, made before; type, id and content were looked at then. It is stamped
       * already, so it is handed out once: what is planned anew is made anew.
       */
      readonly ahead?: (() => Change | undefined) | undefined;
    } & Preconditions)
  | ({
      readonly kind: 'patch';
      readonly where: Where;
      readonly patch: Patch;
    } & Preconditions)
  | ({
      readonly kind: 'delete';
      readonly where: Where;
    } & Preconditions);

/** What is answered for an intent; a delete of what is not there has no version. */
export type WriteAnswer = WriteResult | { readonly kind: 'deleted'; readonly version?: StoredVersion };

/** What becomes of one intent. Without a change there is nothing to write. */
export type PlannedStep = {
  readonly change?: Change;
  /** What the change keeps, as it was parsed; absent for a delete. */
  readonly resource?: ParsedResource;
  /** What a change replaces; a tombstone where it was deleted, absent where the id was never used. */
  readonly current?: StoredVersion;
  readonly answer: WriteAnswer;
};

/** A condition of the commit; when it does not hold, `refuse` says why, or returns and the whole is planned anew. */
export type PlannedGuard = {
  readonly guard: Guard;
  readonly refuse?: () => Promise<void>;
  /** Of a conditional write: what nothing may match, be it for the caller to see or not. */
  readonly condition?: Filter;
};

/** All that one commit does: the intents of a caller, and what rules and trails add to them. */
export type WritePlan = {
  /** In the order of the intents. */
  readonly steps: readonly PlannedStep[];
  readonly guards: readonly PlannedGuard[];
  /** What rules and trails write beside them. It is answered to nobody, and not judged by the caller's access. */
  readonly added: readonly Change[];
  readonly records: readonly RecordChange[];
  /** Which records it opens, to be told in the audit. */
  readonly opened?: Opening;
};

/** Which interaction a change came of. */
export const writtenBy: Readonly<Record<Exclude<WriteMethod, 'DELETE'>, TypeInteraction>> = {
  POST: 'create',
  PUT: 'update',
  PATCH: 'patch',
};

/** Everything that a plan changes. */
export function changesOf({ steps, added }: WritePlan): readonly Change[] {
  const changes: Change[] = [];
  for (const { change } of steps) if (change) changes.push(change);
  changes.push(...added);
  return changes;
}

/** The answer of a step that made, changed or found a resource. */
export function resultOf(answer: WriteAnswer): WriteResult {
  if (answer.kind === 'deleted') throw new Error('a delete was answered where a resource was asked for');
  return answer;
}

/** The match of a conditional create, or content that is there already. */
export function unchanged(version: StoredResource): PlannedStep {
  return { answer: { kind: 'unchanged', version } };
}
