import type { Subset } from '../fhir/subset-resource.ts';
import type { StoredVersion } from '../store/contract/store.ts';
import { formatInstant } from '../values/instant.ts';
import type { LongText } from '../values/long-text.ts';
import type { InteractionContext } from './context.ts';
import { pageLinks } from './page-links.ts';
import type { ParameterList } from './parse-query.ts';
import type { HistoryAnswer } from './read-history.ts';
import { membersOf, type SplicedEntry, spliceBundle } from './splice-bundle.ts';
import { subsetOfRead, subsetStored } from './subset-stored.ts';

/** R4 http.html#history: newest first; a delete has no resource. */
export async function historyBundle(
  ctx: InteractionContext,
  self: { readonly path: string; readonly parameters: ParameterList },
  answer: HistoryAnswer,
): Promise<LongText> {
  const head = {
    resourceType: 'Bundle',
    type: 'history',
    total: answer.total,
    link: pageLinks(ctx.baseUrl, self.path, self.parameters, answer.next),
  };
  if (answer.versions.length === 0) return spliceBundle(head, []);
  const subset = subsetOfRead(self.parameters);
  const entries: SplicedEntry[] = [];
  for (const version of answer.versions) {
    await ctx.pace();
    const subsetted = subset ? await subsetVersion(ctx, version, subset) : version;
    entries.push(historyEntry(ctx.baseUrl, subsetted));
  }
  return spliceBundle(head, entries);
}

async function subsetVersion(
  ctx: InteractionContext,
  version: StoredVersion,
  subset: Subset,
): Promise<StoredVersion> {
  const { text } = version;
  return text === undefined ? version : subsetStored(ctx, { ...version, text }, subset);
}

function historyEntry(baseUrl: string, version: StoredVersion): SplicedEntry {
  const { type, id, text, method, versionId } = version;
  const created = text !== undefined && (method === 'POST' || versionId === 1);
  const status = text === undefined ? '204 No Content' : created ? '201 Created' : '200 OK';
  return {
    fullUrl: `${baseUrl}/${type}/${id}`,
    ...(text !== undefined && { text }),
    rest: membersOf({
      request: { method, url: method === 'POST' ? type : `${type}/${id}` },
      response: { status, etag: `W/"${versionId}"`, lastModified: formatInstant(version.lastUpdated) },
    }),
  };
}
