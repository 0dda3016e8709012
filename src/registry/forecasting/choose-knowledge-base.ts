import { placeOf } from '../../fhir/parameter-place.ts';
import { Problem } from '../../fhir/problem.ts';
import { pickScheduleVersion } from '../../forecast/schedule-version.ts';
import type { Inputs } from '../../operation/inputs.ts';
import { knowledgeBaseCode } from './code-systems.ts';
import type { KnowledgeBase } from './knowledge-base.ts';

/** Which knowledge base the caller asks for; absent = the newest installed. */
export type KnowledgeBaseChoice = { readonly base?: string; readonly version?: string };

/** The installed versions; the first is the newest. */
export type KnowledgeBases = readonly [KnowledgeBase, ...KnowledgeBase[]];

/** `knowledgeBase` as a CodeableConcept, Coding, code, uri or canonical; `knowledgeBaseVersion` as a string. */
export function knowledgeBaseOf(inputs: Inputs): KnowledgeBaseChoice {
  const base = inputs.code('knowledgeBase');
  const version = inputs.text('knowledgeBaseVersion');
  return { ...(base !== undefined && { base }), ...(version !== undefined && { version }) };
}

/** A version is named whole, "4.64-508", or by its leading numbers, "4.64": of those that fit, the latest is meant. */
export function chooseKnowledgeBase(
  bases: KnowledgeBases,
  { base, version }: KnowledgeBaseChoice,
): KnowledgeBase {
  const [asked, versionOfCanonical] = (base ?? '').split('|');
  if (asked !== '' && asked !== knowledgeBaseCode) {
    throw new Problem(
      'not-supported',
      `The knowledge base "${asked}" is not installed; ${knowledgeBaseCode} is`,
      {
        expression: placeOf('knowledgeBase'),
      },
    );
  }
  const wanted = version ?? versionOfCanonical;
  if (wanted === undefined) return bases[0];
  const versions = bases.map((known) => known.version);
  const picked = pickScheduleVersion(versions, wanted);
  const found = bases.find((known) => known.version === picked);
  if (found) return found;
  const installed = versions.join(', ');
  throw new Problem(
    'not-supported',
    `Version "${wanted}" of the schedule is not installed; installed: ${installed}`,
    {
      expression: placeOf('knowledgeBaseVersion'),
    },
  );
}
