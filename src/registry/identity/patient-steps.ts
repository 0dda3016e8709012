import type { Resource } from '../../fhir/resource.ts';
import { parseStored } from '../../interaction/parse-stored.ts';
import type { PlannedStep } from '../../interaction/write-plan.ts';
import { storedResource } from '../../interaction/write-result.ts';
import { recordSystem } from '../../search/person-link.ts';
import type { Change, StoredVersion } from '../../store/contract/store.ts';
import { kindOf, type RecordKind } from './record-links.ts';

/** A step that writes a Patient. */
export type PatientStep = PlannedStep & { readonly change: Change };

export function isPatientStep(step: PlannedStep): step is PatientStep {
  return step.change?.type === 'Patient';
}

/** What the version is among the records of a person; only one that speaks of it is parsed. */
export function kindOfVersion(version: StoredVersion | undefined): RecordKind {
  const patient = recordIn(version);
  return patient ? kindOf(patient) : 'alone';
}

/** The Patient of a version that says that it is one of several records; undefined of any other. */
export function recordIn(version: StoredVersion | undefined): Resource | undefined {
  if (version?.text === undefined || !version.text.includes(recordSystem)) return undefined;
  return parseStored(storedResource(version)).resource;
}
