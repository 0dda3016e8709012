import { paramsOfFilter } from '../search/used-params.ts';
import type { ExportPart } from './export-plan.ts';
import type { Writing } from './writing.ts';

/** A server that took over may draw its indexes otherwise: what is missing in one would be missing here without a word. */
export function requireWhole({ context }: Writing, { type, filter, isRestricted }: ExportPart): void {
  const stale = paramsOfFilter(filter, type).find(({ type: of, code }) => {
    const how = context.staleness(of, code);
    return how === 'changed' || (isRestricted && how !== undefined);
  });
  if (!stale) return;
  throw new Error(`the index of ${stale.type}.${stale.code} is being built anew: ask for the export again`);
}
