import type { Filter } from '../search/filter.ts';

/** Whose rows of the audit may be seen: all, or those with data of these Patients. */
export type AuditReach = 'all' | readonly string[];

/**
 * What a filter on AuditEvents says of the server's own, which have no index values: only whom they concern can be judged.
 * What asks for anything else lets nothing through, negated or not.
 */
export function toAuditReach(filter: Filter): AuditReach {
  switch (filter.kind) {
    case 'and':
      return filter.of.map(toAuditReach).reduce(meeting, 'all');
    case 'or':
      return filter.of.map(toAuditReach).reduce(union, []);
    case 'concerns':
      return filter.anyOf;
    case 'type':
      return filter.anyOf.includes('AuditEvent') ? 'all' : [];
    case 'not':
    case 'id':
    case 'reach':
    case 'lastUpdated':
    case 'value':
    case 'present':
    case 'chain':
    case 'has':
      return [];
  }
}

function meeting(one: AuditReach, other: AuditReach): AuditReach {
  if (one === 'all') return other;
  return other === 'all' ? one : one.filter((id) => other.includes(id));
}

function union(one: AuditReach, other: AuditReach): AuditReach {
  return one === 'all' || other === 'all' ? 'all' : [...new Set([...one, ...other])];
}
