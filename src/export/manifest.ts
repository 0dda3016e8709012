import { formatInstant } from '../values/instant.ts';
import { rowFormats } from '../views/row-format.ts';
import type { ExportFile, ExportPlan, PlannedView } from './export-plan.ts';

/** Which edition of Bulk Data Access a manifest is read by; `both` has the keys of all. */
export type ManifestProfile = 'both' | 'stu2' | 'stu4';

const manifestType = 'http://hl7.org/fhir/uv/bulkdata/StructureDefinition/BulkDataManifest';

/** Some of the files of an export, and where the next ones are told of. */
export type Told = {
  readonly files: readonly ExportFile[];
  readonly next?: string | undefined;
};

/** A manifest that may be partial is of one file, so that it never changes but for its link. */
export function pageOf(files: readonly ExportFile[], page: number): readonly ExportFile[] {
  const told = files.filter(({ holds }) => holds !== 'issues');
  return [...files.filter(({ holds }) => holds === 'issues'), ...told.slice(page - 1, page)];
}

/** Bulk Data Access, complete status. `urlOf` says where a file lies. */
export function toManifest(
  { request, snapshot, since, parts, secret, organizedBy }: ExportPlan,
  { files, next }: Told,
  urlOf: (name: string) => string,
  profile: ManifestProfile,
): object {
  const listed = (...kinds: readonly ExportFile['holds'][]) =>
    files
      .filter(({ holds }) => kinds.includes(holds))
      .map(({ name, type, count, bytes, holds }) => ({
        ...(holds !== 'blocks' && { type }),
        url: urlOf(name),
        count,
        fileSize: bytes,
      }));
  const issues = listed('issues');
  return {
    ...(profile !== 'stu2' && { manifestType, outputFormat: formatOf(parts) }),
    transactionTime: formatInstant(snapshot.time),
    ...(profile !== 'stu4' && { request }),
    requiresAccessToken: secret === undefined,
    ...(organizedBy && { outputOrganizedBy: 'Patient' }),
    output: listed('resources', 'blocks'),
    ...(since && { deleted: listed('deletes') }),
    ...(profile !== 'stu4' && { error: issues }),
    ...(profile !== 'stu2' && {
      outcome: issues.map((file) => ({ ...file, countSeverity: { warning: file.count } })),
    }),
    ...(next !== undefined && { link: [{ relation: 'next', url: next }] }),
  };
}

function formatOf([part]: ExportPlan['parts']): string {
  return part?.view ? mediaTypeOf(part.view.format) : 'application/fhir+ndjson';
}

/** Of a table, without its parameters. */
function mediaTypeOf(format: PlannedView['format']): string {
  return rowFormats[format].mediaType.split(';')[0] ?? '';
}
