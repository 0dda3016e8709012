import type { ValueSet } from 'fhir/r4.js';
import { parseCanonical } from './canonical.ts';
import type { CodeSystemIndex } from './code-system-index.ts';

/**
 * The value set that a code system brings by itself: `SYSTEM?vs`, `SYSTEM?fhir_vs`, `SYSTEM/vs`, the system's own URL,
 * and `SYSTEM?fhir_vs=isa/CODE` for a code and all that it subsumes.
 */
export function implicitValueSet(
  canonical: string,
  codeSystem: (url: string) => CodeSystemIndex | undefined,
): ValueSet | undefined {
  const { url: asked, version } = parseCanonical(canonical);
  const { url, below } = partsOf(asked);
  const system = codeSystem(version === undefined ? url : `${url}|${version}`);
  if (!system || (below !== undefined && !system.find(below))) return undefined;
  return {
    resourceType: 'ValueSet',
    url: asked,
    ...(system.version !== undefined && { version: system.version }),
    name: system.name,
    status: 'active',
    compose: {
      include: [
        {
          system: system.url,
          ...(below !== undefined && {
            filter: [{ property: 'concept', op: 'is-a' as const, value: below }],
          }),
        },
      ],
    },
  };
}

/** The URL of the code system that an implicit value set would rest on. */
export function systemOfImplicit(canonical: string): string {
  return partsOf(parseCanonical(canonical).url).url;
}

function partsOf(asked: string): { readonly url: string; readonly below?: string } {
  const subset = /^([^?]+)\?fhir_vs=isa\/(.+)$/.exec(asked);
  if (subset?.[1] !== undefined && subset[2] !== undefined) return { url: subset[1], below: subset[2] };
  return { url: asked.replace(/(\?vs|\?fhir_vs|\/vs)$/, '') };
}
