import type { JsonObject } from '../fhir/fhir-json.ts';
import type { Issue } from '../fhir/problem.ts';
import type { ResourceType } from '../fhir/resource-type.ts';
import type { Exporter } from '../interaction/audit/tell.ts';
import type { Filter, VersionFilter } from '../search/filter.ts';
import type { Snapshot, SnapshotSince } from '../store/contract/snapshot.ts';
import type { ForecastReader } from './forecasts.ts';
import type { WatchedGroup } from './group-persons.ts';

/** Resources of one type. What the caller may see of them is ANDed into the filter. */
export type ExportPart = {
  readonly type: ResourceType;
  readonly filter: Filter;
  /** Where the caller does not see all of the type. */
  readonly isRestricted?: true;
  /** Root elements; absent: the text as it is stored. */
  readonly elements?: readonly string[];
  /** Rows of it; absent: the resources themselves. */
  readonly view?: PlannedView;
};

/** A table that is exported, as the view was at the request. */
export type PlannedView = {
  readonly name: string;
  readonly definition: JsonObject;
  /** The type of its resources. */
  readonly resource: ResourceType;
  readonly format: 'csv' | 'parquet';
  /** The day that is forecast for, where the rows are of a forecast; the part is of Patients then. */
  readonly asOf?: string;
  /** Who may know what of them, where the caller does not see everything. */
  readonly reader?: ForecastReader;
};

/**
 * An export as it was asked for and allowed, plain data: whoever goes on with it after a crash needs no token, and gives
 * out no more than the caller was allowed when it asked.
 */
export type ExportPlan = {
  /** Who may look at it, by the name of its caller. */
  readonly owner: string;
  /** The URL of the request, for the manifest. */
  readonly request: string;
  /** Whoever knows it may fetch the files; absent: tokens may. */
  readonly secret?: string;
  /** Absent where nobody is known of whom anything could be told. */
  readonly exporter?: Exporter;
  readonly snapshot: Snapshot;
  readonly since?: SnapshotSince;
  readonly parts: readonly ExportPart[];
  /** Groups whose members are looked up while it is written. */
  readonly watched?: readonly WatchedGroup[];
  readonly deletes: readonly PlannedDeletes[];
  /** organizeOutputBy=Patient: whose blocks there are, in place of files of one type. */
  readonly organizedBy?: { readonly persons: Filter };
  /** Files may be fetched before all are there (allowPartialManifests). */
  readonly isPartial?: true;
  /** The state of the export stands in a header of its own (Prefer: separate-export-status). */
  readonly separateStatus?: true;
  /** What was passed over at the request. */
  readonly issues: readonly Issue[];
};

/** A type whose deletes are told: all, those of whom the version concerns, or those of which the last version matched. */
export type PlannedDeletes = { readonly type: ResourceType } & (
  | { readonly only?: VersionFilter; readonly was?: never }
  | { readonly was: Filter; readonly only?: never }
);

/** A finished file of an export. */
export type ExportFile = {
  readonly name: string;
  readonly type: string;
  readonly holds: 'resources' | 'blocks' | 'deletes' | 'issues';
  /** The name of the view that it has rows of. */
  readonly view?: string;
  /** Lines, or rows. */
  readonly count: number;
  /** As it lies, compressed. */
  readonly bytes: number;
};

export type ExportResult = { readonly files: readonly ExportFile[] };

/** The kind of the jobs. */
export const exportKind = 'export';
