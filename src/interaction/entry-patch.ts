import { Problem } from '../fhir/problem.ts';
import type { ParsedResource } from '../fhir/resource.ts';
import type { InteractionContext } from './context.ts';
import { parseFhirPathPatch, parseJsonPatch, parseXmlPatchBody } from './parse-patch.ts';
import type { Patch } from './write-plan.ts';

/**
 * R4 http.html#patch, in a batch or transaction: a FHIRPath Patch is the resource of the entry; a JSON Patch or an XML
 * Patch is the data of a Binary.
 */
export function parseEntryPatch(ctx: InteractionContext, parsed: ParsedResource): Patch {
  const { resource } = parsed;
  if (resource.resourceType !== 'Binary') return parseFhirPathPatch(parsed, ctx.elementTables);
  switch (resource['contentType']) {
    case 'application/json-patch+json':
      return parseJsonPatch(textOf(resource['data']));
    case 'application/xml-patch+xml':
      return parseXmlPatchBody(textOf(resource['data']), ctx.definitions);
    default:
      throw new Problem(
        'invalid-content',
        'A Binary that is a patch is application/json-patch+json or application/xml-patch+xml',
        { expression: 'Binary.contentType' },
      );
  }
}

function textOf(data: unknown): string {
  return typeof data === 'string' ? Buffer.from(data, 'base64').toString('utf8') : '';
}
