import type { Detections } from '../quality/detections.ts';
import {
  openQualitySettings,
  type QualityDocument,
  type QualitySettings,
} from '../quality/quality-settings.ts';
import type { GuideDocument } from './guide-document.ts';
import type { KnownCode } from './known-code.ts';
import { compileDecisions, type DecisionRow, type LocalDecisions } from './local-decision.ts';
import { compileGuide, type Profile } from './profile.ts';

/** CDC's guide, compiled: its profiles by id, and what this registry decides beside it. */
export type Guide = {
  readonly profiles: ReadonlyMap<string, Profile>;
  readonly decisions: LocalDecisions;
  /** What else the data of a message can be told. */
  readonly detections: Detections;
  /** What is counted of a reporter's messages. */
  readonly quality: QualitySettings;
};

export function openGuide(
  document: GuideDocument & {
    readonly decisions: readonly DecisionRow[];
    readonly detections: Detections;
    readonly quality: QualityDocument;
  },
  known: KnownCode,
): Guide {
  return {
    profiles: compileGuide(document, known),
    decisions: compileDecisions(document.decisions),
    detections: document.detections,
    quality: openQualitySettings(document.quality),
  };
}
