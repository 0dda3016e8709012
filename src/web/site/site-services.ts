import type { Immunization, Patient } from 'fhir/r4.js';
import type { InteractionContext } from '../../interaction/context.ts';
import type { Operation } from '../../operation/operation.ts';
import type { AdminKind, AdminRecords } from '../../pages/admin-records.ts';
import type { WritePaper } from '../../pages/paper.ts';
import type { Grouping } from '../../registry/deduplication/group-doses.ts';
import type { PersonStates } from '../../registry/forecasting/group-states.ts';
import type { WithheldBy } from '../../registry/forecasting/record-view/read-visit-view.ts';
import type { RecordView, VisitView } from '../../registry/forecasting/record-view/record-view.ts';
import type { VaccineFacts } from '../../registry/forecasting/vaccine-facts.ts';
import type { PersonLike } from '../../registry/matching/people-like.ts';
import type { EpochDay } from '../../values/epoch-day.ts';
import type { ResourceId } from '../../values/resource-id.ts';
import type { VaccineChoice, VaccineNames } from '../vaccine-names/find-vaccine.ts';
import type { JobsPort } from './jobs-port.ts';
import type { ReportersPort } from './reporters-port.ts';

/** What pages call inward beside the interactions; all of it asks by the context of the visit. */
export type SiteServices = {
  /** Who gives out official papers. */
  readonly issuer: string;
  readonly recordView: (ctx: InteractionContext, id: ResourceId, day?: EpochDay) => Promise<RecordView>;
  /** The record of today, and what a visit could bring without what is withheld by it. */
  readonly visitView: (
    ctx: InteractionContext,
    id: ResourceId,
    withheldBy: WithheldBy,
  ) => Promise<{ readonly view: RecordView; readonly visit?: VisitView }>;
  /** What each vaccine group of many people is today: whom the visitor does not see is left out. */
  readonly groupStates: (ctx: InteractionContext, ids: readonly ResourceId[]) => AsyncIterable<PersonStates>;
  /** Which doses of these Patients are one, were they one person. */
  readonly dosesAsOne: (
    ctx: InteractionContext,
    people: readonly string[],
    doses: readonly Immunization[],
  ) => Promise<Grouping>;
  /** Who among those whom the visitor may find is like the person whom each of these describes, the most alike first. */
  readonly peopleLike: (
    ctx: InteractionContext,
    described: readonly Patient[],
  ) => Promise<readonly PersonLike[]>;
  /** Who keeps accounts and apps; absent where nobody does. */
  readonly admin?: Readonly<Record<AdminKind, AdminRecords>>;
  readonly jobs?: JobsPort;
  /** Who sends HL7 v2 messages, and how good they are. */
  readonly reporters?: ReportersPort;
  /** What vaccines are called, opened when it is first asked for. */
  readonly vaccineNames: () => VaccineNames;
  /** The vaccine of an NDC of ten digits, where they say which. */
  readonly vaccineOfNdc: (ndc: string) => VaccineChoice | undefined;
  /** Writes a paper into a file, beside whatever else is answered. */
  readonly writePaper: WritePaper;
  /** What the schedule knows of a vaccine by itself. */
  readonly vaccineFacts: (cvx: string) => VaccineFacts;
  /** Every operation of this server. */
  readonly operations: readonly Operation[];
  /** Whether the parts of the pages are shown under /app/_parts. */
  readonly showsParts: boolean;
};
