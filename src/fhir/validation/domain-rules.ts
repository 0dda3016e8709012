import type { JsonObject } from '../fhir-json.ts';
import { has, objectsAt } from './element-presence.ts';
import { quote, type Run, report, reportAt, type Scope } from './run.ts';

/** dom-2 to dom-6, for a resource that is walked to its end: by then all references are known. */
export function checkDomainRules(run: Run, { resource, localReferences }: Scope): void {
  checkContained(run, objectsAt(resource, 'contained'), localReferences);
  if (!objectsAt(resource, 'text').some((text) => has(text, 'div'))) {
    report(run, {
      severity: 'warning',
      code: 'invariant',
      text: 'A resource should have a narrative (dom-6)',
    });
  }
}

function checkContained(run: Run, all: readonly JsonObject[], referred: ReadonlySet<string>): void {
  if (all.length === 0) return;
  const ids = new Set<string>();
  all.forEach((contained, index) => {
    const fail = (text: string) =>
      reportAt(run, ['contained', index], { severity: 'error', code: 'invariant', text });
    const fault = idFault(contained, ids);
    if (fault) reportAt(run, ['contained', index, 'id'], { severity: 'error', ...fault });
    if (has(contained, 'contained')) fail('A contained resource must not contain others (dom-2)');
    const { id } = contained;
    if (typeof id === 'string' && !referred.has(id)) {
      fail(
        `Nothing refers to the contained resource "#${id}", and it does not refer to its container (dom-3)`,
      );
    }
    for (const fault of metaFaults(contained)) fail(fault);
  });
}

/** R4 references.html#contained: by its id alone it is found. */
function idFault(
  { id }: JsonObject,
  known: Set<string>,
): { readonly code: string; readonly text: string } | undefined {
  if (typeof id !== 'string') return { code: 'required', text: 'A contained resource must have an id' };
  if (known.has(id)) return { code: 'duplicate', text: `Two contained resources have the id ${quote(id)}` };
  known.add(id);
  return undefined;
}

function metaFaults(contained: JsonObject): readonly string[] {
  const [meta = {}] = objectsAt(contained, 'meta');
  const faults = [];
  if (has(meta, 'versionId') || has(meta, 'lastUpdated')) {
    faults.push('A contained resource must not have meta.versionId or meta.lastUpdated (dom-4)');
  }
  if (has(meta, 'security')) faults.push('A contained resource must not have meta.security (dom-5)');
  return faults;
}
