import type { Caller } from '../../access/caller.ts';
import type { JsonObject, JsonValue } from '../../fhir/fhir-json.ts';
import { Problem } from '../../fhir/problem.ts';
import type { Meta } from '../../fhir/resource.ts';
import type { ResourceType } from '../../fhir/resource-type.ts';
import { parseAuditId } from '../../store/contract/audit.ts';
import { changesOf, type WritePlan } from '../write-plan.ts';
import { auditOrigin } from './audit-event.ts';

/** Throws 403 where an AuditEvent is to be changed or deleted, or to have an id of the server's own. Nobody may. */
export function requireAppendOnly(caller: Caller, plan: WritePlan): void {
  if (caller.kind === 'open') return;
  for (const { type, id, expectedVersion } of changesOf(plan)) {
    if (type !== 'AuditEvent') continue;
    if (expectedVersion === 0 && parseAuditId(id) === undefined) continue;
    throw new Problem('forbidden', 'AuditEvents can be added; none is changed, replaced or deleted');
  }
}

/** The meta of what somebody sent; of an AuditEvent with the tag that tells it from the server's own. */
export function withAuditOrigin(type: string, meta: Meta, caller: Caller): Meta {
  if (type !== ('AuditEvent' satisfies ResourceType) || caller.kind === 'open') return meta;
  const tags = meta['tag'];
  const others = (Array.isArray(tags) ? tags : []).filter((tag) => !isOrigin(tag));
  return { ...meta, tag: [...others, { system: auditOrigin, code: 'client' }] };
}

function isOrigin(tag: JsonValue): boolean {
  return typeof tag === 'object' && tag !== null && (tag as JsonObject)['system'] === auditOrigin;
}
