import { formatInstant } from '../values/instant.ts';
import { rowFormats } from '../views/row-format.ts';
import type { ExportFile, ExportPlan, PlannedView } from './export-plan.ts';

/** Which edition of Bulk Data Access a manifest is read by; `both` has the keys of all. */
export type ManifestProfile = 'both' | 'stu2' | 'stu4';

const manifestType = 'http://hl7.org/fhir/uv/bulkdata/StructureDefinition/BulkDataManifest';

/** Bulk Data Access, complete status. `urlOf` says where a file lies. */
export function toManifest(
  { request, snapshot, since, parts, secret }: ExportPlan,
  files: readonly ExportFile[],
  urlOf: (name: string) => string,
  profile: ManifestProfile,
): object {
  const listed = (holds: ExportFile['holds']) =>
    files
      .filter((file) => file.holds === holds)
      .map(({ name, type, count, bytes }) => ({ type, url: urlOf(name), count, fileSize: bytes }));
  const issues = listed('issues');
  return {
    ...(profile !== 'stu2' && { manifestType, outputFormat: formatOf(parts) }),
    transactionTime: formatInstant(snapshot.time),
    ...(profile !== 'stu4' && { request }),
    requiresAccessToken: secret === undefined,
    output: listed('resources'),
    ...(since && { deleted: listed('deletes') }),
    ...(profile !== 'stu4' && { error: issues }),
    ...(profile !== 'stu2' && {
      outcome: issues.map((file) => ({ ...file, countSeverity: { warning: file.count } })),
    }),
  };
}

function formatOf([part]: ExportPlan['parts']): string {
  return part?.view ? mediaTypeOf(part.view.format) : 'application/fhir+ndjson';
}

/** Of a table, without its parameters. */
function mediaTypeOf(format: PlannedView['format']): string {
  return rowFormats[format].mediaType.split(';')[0] ?? '';
}
