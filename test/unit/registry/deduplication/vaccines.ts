import { loadKnowledgeBases } from '../../../../src/shipped/knowledge-bases.ts';
import { leftOutBy, vaccinesOf } from '../../../../src/shipped/vaccines.ts';

const [knowledgeBase] = loadKnowledgeBases('no-such-folder');

/** What the schedule that ships knows of vaccines. */
export const vaccines = vaccinesOf(knowledgeBase);
export const leftOut = leftOutBy(knowledgeBase);
