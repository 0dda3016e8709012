import type { TerminologyCapabilities } from 'fhir/r4.js';
import { expansionParameters } from '../operation/terminology/expand.ts';
import type { RestOptions } from './route.ts';

/** What the terminology operations know (R4 terminologycapabilities.html); code systems that were stored are not listed. */
export function terminologyCapabilities({
  context,
  codeSystems,
  software,
}: RestOptions): TerminologyCapabilities {
  return {
    resourceType: 'TerminologyCapabilities',
    status: 'active',
    date: software.released,
    kind: 'instance',
    software: { name: software.name, version: software.version },
    implementation: { description: 'Jenner immunization information system', url: context.baseUrl },
    codeSystem: codeSystems().map(({ url, version }) => ({
      uri: url,
      ...(version !== undefined && { version: [{ code: version, isDefault: true }] }),
      subsumption: true,
    })),
    expansion: {
      hierarchical: false,
      paging: true,
      incomplete: false,
      parameter: expansionParameters.map((name) => ({ name })),
    },
    codeSearch: 'all',
    validateCode: { translations: false },
    translation: { needsMap: false },
    closure: { translation: false },
  };
}
