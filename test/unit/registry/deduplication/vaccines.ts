import type { Immunization } from 'fhir/r4.js';
import { deduplicate, leftOut as leftOutOf } from '../../../../src/registry/deduplication/deduplicate.ts';
import { loadKnowledgeBases } from '../../../../src/shipped/knowledge-bases.ts';
import { vaccinesOf } from '../../../../src/shipped/vaccines.ts';

const [knowledgeBase] = loadKnowledgeBases('no-such-folder');

/** What the schedule that ships knows of vaccines. */
export const vaccines = vaccinesOf(knowledgeBase);
export const leftOut = (doses: readonly Immunization[]) => leftOutOf(doses, deduplicate(doses, vaccines));
