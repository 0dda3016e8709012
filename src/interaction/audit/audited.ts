import { Problem } from '../../fhir/problem.ts';
import type { RequestName } from '../../request/request-target.ts';
import type { AuditAction, AuditOutcome } from '../../store/contract/audit.ts';
import type { Mutable } from '../../values/mutable.ts';
import { openCallerView } from '../caller-view.ts';
import type { InteractionContext } from '../context.ts';
import { notedView } from './noted-view.ts';
import { openTrail, type TrailStart } from './trail.ts';

/** R4 AuditEvent.action of an interaction; undefined for what tells nothing of anybody. IHE BALP: a search is executed. */
export function actionOf(interaction: RequestName): AuditAction | undefined {
  return actions[interaction];
}

const actions: Readonly<Record<RequestName, AuditAction | undefined>> = {
  capabilities: undefined,
  read: 'R',
  vread: 'R',
  'history-instance': 'R',
  'history-type': 'E',
  'history-system': 'E',
  'search-type': 'E',
  'search-system': 'E',
  compartment: 'E',
  bundle: 'E',
  operation: 'E',
  create: 'C',
  update: 'U',
  'conditional-update': 'U',
  patch: 'U',
  'conditional-patch': 'U',
  delete: 'D',
  'conditional-delete': 'D',
};

/**
 * Does the work of one request and leaves what is told of it, be it answered or refused. The context is this request's
 * own, and is written into. Waits first where the audit is behind.
 */
export async function audited<Result>(
  ctx: Mutable<InteractionContext>,
  start: TrailStart,
  work: () => Result | Promise<Result>,
): Promise<Result> {
  const { audit: log, caller, clock, baseUrl, door, staleness } = ctx;
  if (!log || caller.kind !== 'token') return work();
  const room = log.room();
  if (room) await room;
  const trail = openTrail({ log, clock, baseUrl, caller }, start);
  ctx.trail = trail;
  ctx.view = notedView(openCallerView(door, caller, staleness), trail);
  try {
    const result = await work();
    trail.end(0);
    return result;
  } catch (thrown) {
    trail.end(outcomeOf(thrown));
    throw thrown;
  }
}

/** R4 AuditEvent.outcome: what was refused is a minor failure, what broke a serious one. */
function outcomeOf(thrown: unknown): AuditOutcome {
  return thrown instanceof Problem && thrown.status < 500 ? 4 : 8;
}
