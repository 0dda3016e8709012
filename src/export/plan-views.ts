import { Problem } from '../fhir/problem.ts';
import { isResourceType, type ResourceType } from '../fhir/resource-type.ts';
import type { InteractionContext } from '../interaction/context.ts';
import { takesPart } from '../search/takes-part.ts';
import type { NamedView, Views } from '../views/kept-views.ts';
import type { PlannedView } from './export-plan.ts';
import { dayOf } from './forecast-day.ts';
import { readerOf, wholeRecord } from './forecasts.ts';
import type { ExportRequest, TableRequest } from './read-request.ts';

/** What is exported: resources of a type, as they are or as rows of a view; a forecast is of Patients. */
export type Wanted = { readonly type: ResourceType; readonly view?: PlannedView };

export type ViewPlanning = {
  readonly request: ExportRequest;
  readonly table: TableRequest;
  readonly views: Views;
  /** Throws where the caller may not export the type on this level. */
  readonly requireType: (type: ResourceType) => void;
};

/**
 * The tables that are asked for: those of `_view`; or the views that ship of the types of `_type`; or, where neither is
 * said, those of what is stored that the caller may see.
 */
export async function planViews(ctx: InteractionContext, planning: ViewPlanning): Promise<readonly Wanted[]> {
  const { request, table, requireType } = planning;
  const found = await viewsOf(planning);
  const isAsked = table.views.length > 0 || request.types !== undefined;
  const seen = isAsked ? found : found.filter((one) => isAllowed(() => requireType(typeOf(one))));
  return seen.map((named) => {
    const type = typeOf(named);
    requireType(type);
    const { name, definition, view } = named;
    const planned = { name, definition, resource: type, format: table.format };
    if (!view.isForecast) return { type, view: planned };
    requireForecast(ctx, planning);
    const reader = readerOf(ctx.caller);
    return { type: 'Patient', view: { ...planned, asOf: dayOf(ctx, table.asOf), ...(reader && { reader }) } };
  });
}

async function viewsOf({ request: { types }, table, views }: ViewPlanning): Promise<readonly NamedView[]> {
  if (table.views.length > 0) {
    const asked = await Promise.all(table.views.map((name) => named(views, name, types)));
    // One view has several names; twice in a folder, everybody would be counted twice.
    return [...new Map(asked.map((one) => [one.name, one])).values()];
  }
  const shipped = (await views.list()).filter(({ ships }) => ships);
  if (!types) return shipped.filter(({ view }) => !view.isForecast);
  return types.flatMap((type) => {
    const of = shipped.filter(({ view }) => view.resource === type);
    if (of.length > 0) return of;
    throw new Problem('not-supported', `No view of ${type} ships: name one by _view`, {
      expression: '_type',
    });
  });
}

async function named(views: Views, name: string, types: ExportRequest['types']): Promise<NamedView> {
  const found = await views.find(name);
  const expression = '_view';
  if (!found) {
    throw new Problem('invalid-parameter', `_view=${name.slice(0, 200)}: there is no such view`, {
      expression,
    });
  }
  const { resource } = found.view;
  if (!types || types.some((type) => type === resource)) return found;
  throw new Problem('invalid-parameter', `_view=${found.name} is of ${resource}, which _type leaves out`, {
    expression,
  });
}

function typeOf({ view, name }: NamedView): ResourceType {
  if (isResourceType(view.resource)) return view.resource;
  throw new Problem('not-supported', `_view=${name}: this server keeps no ${view.resource}`, {
    expression: '_view',
  });
}

function isAllowed(require: () => void): boolean {
  try {
    require();
    return true;
  } catch (thrown) {
    if (thrown instanceof Problem) return false;
    throw thrown;
  }
}

/** Whom the caller sees is forecast of all that the caller may see of them; of a part, as by a query, nobody is. */
function requireForecast(ctx: InteractionContext, { request, requireType }: ViewPlanning): void {
  if (request.since !== undefined || request.until !== undefined) {
    throw new Problem(
      'not-supported',
      '_since and _until have no meaning for a forecast, which is made anew',
      {
        expression: request.since === undefined ? '_until' : '_since',
      },
    );
  }
  requireType('Patient');
  const part = wholeRecord.find((type) => {
    requireType(type);
    const reach = ctx.view.reach('search-type', type);
    return reach !== undefined && takesPart(reach);
  });
  if (part === undefined) return;
  throw new Problem('forbidden', `A forecast rests on whole records, and a scope has a part of ${part}`, {
    isOutsideScopes: true,
  });
}
