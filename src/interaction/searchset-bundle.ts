import { randomUUID } from 'node:crypto';
import { type Issue, toOperationOutcome } from '../fhir/problem.ts';
import type { StoredResource } from '../store/contract/store.ts';
import type { LongText } from '../values/long-text.ts';
import type { InteractionContext } from './context.ts';
import { pageLinks } from './page-links.ts';
import type { SearchAnswer } from './search-answer.ts';
import { membersOf, type SplicedEntry, spliceBundle } from './splice-bundle.ts';

/** R4 search.html#3.1.1.1: matches first, then what was included, then an outcome when there is something to say. */
export function searchsetBundle(ctx: InteractionContext, path: string, answer: SearchAnswer): LongText {
  const { request, matches, included, total, next } = answer;
  const head = {
    resourceType: 'Bundle',
    type: 'searchset',
    ...(total !== undefined && { total }),
    link: pageLinks(ctx.baseUrl, path, request.used, next),
  };
  const entries = [
    ...matches.map((resource) => entryOf(ctx.baseUrl, resource, matchEntry)),
    ...included.resources.map((resource) => entryOf(ctx.baseUrl, resource, includeEntry)),
  ];
  const issues = issuesOf(answer);
  if (issues.length > 0) {
    const text = JSON.stringify(toOperationOutcome(issues));
    // Every entry of a searchset has a fullUrl (R4 bundle.html#bundle-unique); what is not kept has no other name.
    entries.push({ fullUrl: `urn:uuid:${randomUUID()}`, text, rest: outcomeEntry });
  }
  return spliceBundle(head, entries);
}

const matchEntry = membersOf({ search: { mode: 'match' } });
const includeEntry = membersOf({ search: { mode: 'include' } });
const outcomeEntry = membersOf({ search: { mode: 'outcome' } });

function entryOf(baseUrl: string, { type, id, text }: StoredResource, rest: string): SplicedEntry {
  return { fullUrl: `${baseUrl}/${type}/${id}`, text, rest };
}

function issuesOf({ request, included }: SearchAnswer): readonly Issue[] {
  const warnings: Issue[] = request.warnings.map(({ message }) => ({
    severity: 'warning',
    code: 'not-supported',
    text: message,
  }));
  if (!included.truncated) return warnings;
  const text = 'More resources are referred to than fit beside one page; ask for a smaller _count';
  return [...warnings, { severity: 'warning', code: 'too-costly', text }];
}
