import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { type Guide, openGuide } from '../hl7v2/guide/guide.ts';
import type { ProfileDocument, TablesDocument } from '../hl7v2/guide/guide-document.ts';
import type { KnownCode } from '../hl7v2/guide/known-code.ts';
import type { DecisionRow } from '../hl7v2/guide/local-decision.ts';
import type { DetectionRow } from '../hl7v2/quality/detection-document.ts';
import { openDetections } from '../hl7v2/quality/detections.ts';
import type { QualityDocument } from '../hl7v2/quality/quality-settings.ts';
import { once, packageRoot, readJson } from './package-files.ts';
import { shippedTerminology } from './terminology.ts';
import { productOf, vaccineFacts } from './v2-vaccine-facts.ts';

/** CDC's guide for HL7 v2, and what is decided here beside it (hl7v2/). */
export const shippedGuide: () => Guide = once(() => {
  const folder = join(packageRoot, 'hl7v2', 'guide');
  const profiles = readdirSync(folder)
    .filter((name) => /^z\d\d\.json$/.test(name))
    .map((name) => readJson(join(folder, name)) as ProfileDocument);
  const tables = readJson(join(folder, 'tables.json')) as TablesDocument;
  const decisions = readJson(join(packageRoot, 'hl7v2', 'local-decisions.json')) as readonly DecisionRow[];
  const rows = readJson(join(packageRoot, 'hl7v2', 'detections.json')) as readonly DetectionRow[];
  const detections = openDetections(rows, vaccineFacts());
  const quality = readJson(join(packageRoot, 'hl7v2', 'quality.json')) as QualityDocument;
  return openGuide({ profiles, tables, decisions, detections, quality }, knownCodes());
});

/** Codes of our own terminology, which is newer than the guide's tables. */
function knownCodes(): KnownCode {
  const systems = { CVX: 'cvx', MVX: 'mvx' } as const;
  return (system, code) => {
    // A VIS document names itself: 253, and 21 digits of type, edition and check (CDC, VIS barcodes).
    if (system === 'cdcgs1vis') return /^253\d{21}$/.test(code);
    if (system === 'NDC') return productOf(code) !== undefined;
    return shippedTerminology().codeSystemById(systems[system])?.find(code) !== undefined;
  };
}
