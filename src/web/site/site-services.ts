import type { InteractionContext } from '../../interaction/context.ts';
import type { Operation } from '../../operation/operation.ts';
import type { RecordView } from '../../registry/forecasting/record-view/record-view.ts';
import type { EpochDay } from '../../values/epoch-day.ts';
import type { ResourceId } from '../../values/resource-id.ts';

/** What pages call inward beside the interactions; all of it asks by the context of the visit. */
export type SiteServices = {
  /** Who gives out official papers. */
  readonly issuer: string;
  readonly recordView: (ctx: InteractionContext, id: ResourceId, day?: EpochDay) => Promise<RecordView>;
  /** Every operation of this server. */
  readonly operations: readonly Operation[];
  /** Whether the parts of the pages are shown under /app/_parts. */
  readonly showsParts: boolean;
};
