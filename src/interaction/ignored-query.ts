import { Problem } from '../fhir/problem.ts';
import type { RequestName } from '../request/request-target.ts';
import type { ParameterList } from './parse-query.ts';

/** What says how an answer is written: it may stand behind every URL. */
const controls: ReadonlySet<string> = new Set(['_format', '_pretty', '_summary', '_elements']);

/** Requests that act on what their path or body names, so that a query could only be passed over. */
const hints: Readonly<Partial<Record<RequestName, string>>> = {
  create: 'to create only when nothing matches, send the search as If-None-Exist',
  update: 'to update what a search finds, leave the id out of the URL',
  patch: 'to patch what a search finds, leave the id out of the URL',
  delete: 'to delete what a search finds, leave the id out of the URL',
  bundle: 'the entries of the Bundle say what is done',
};

/**
 * Throws 400 for a query that the request would not act on: whoever sent it means something by it. The query is read only
 * where that is possible.
 */
export function refuseIgnoredQuery(name: RequestName, query: () => ParameterList): void {
  const hint = hints[name];
  if (hint === undefined) return;
  const ignored = query().find(([parameter]) => !controls.has(parameter));
  if (!ignored) return;
  const [parameter] = ignored;
  throw new Problem(
    'unknown-parameter',
    `"${parameter.slice(0, 80)}" has no meaning behind this URL: ${hint}`,
    { expression: `http.${parameter.slice(0, 80)}` },
  );
}
