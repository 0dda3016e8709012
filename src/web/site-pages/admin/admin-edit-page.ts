import type { FhirResource } from 'fhir/r4.js';
import { isResourceType } from '../../../fhir/resource-type.ts';
import type { InteractionContext } from '../../../interaction/context.ts';
import type { AdminKind, AdminRow } from '../../../pages/admin-records.ts';
import { parseResourceId } from '../../../values/resource-id.ts';
import type { Visit } from '../../site/page-door.ts';
import { type Answer, type SitePage, sitePage } from '../../site/site-page.ts';
import type { SiteServices } from '../../site/site-services.ts';
import { again, askWhich, byOf, madeAt, waitingTyped } from './admin-answers.ts';
import { type AdminTyped, type Named, nothingTyped, typedIn } from './admin-form.tsx';
import { draw, type Shown } from './draw-admin.tsx';
import { nameOf, withPicked } from './named.ts';

/** Changes an account or an app, or ends it. */
export function adminEditPage(kind: AdminKind): SitePage {
  return sitePage({
    path: `/app/admin/${kind}/:id`,
    name: `admin-${kind}-one`,
    roles: ['administrator'],
    parse: ({ params, fields, typed }) => ({
      id: params['id'] ?? '',
      note: fields.get('q'),
      isSaved: fields.has('saved'),
      typed,
      which: fields.get('which'),
    }),
    load: async (visit, { id, note, isSaved, typed, which }, { admin }): Promise<Shown | undefined> => {
      const { ctx, notes } = visit;
      const row = await admin?.[kind].read(id);
      if (!row) return undefined;
      const secret = note === null ? undefined : await notes.take(note);
      return {
        row,
        typed: (await waitingTyped(visit, kind, { typed, which })) ?? kept(row),
        faults: [],
        isSaved,
        ...(await calledIn(ctx, row)),
        ...(typeof secret === 'string' && { secret }),
      };
    },
    view: (shown, drawing) => draw(kind, shown, drawing),
    post: (visit, services) => change(kind, visit, services),
  });
}

async function change(kind: AdminKind, visit: Visit, { admin }: SiteServices): Promise<Answer> {
  const id = visit.params['id'] ?? '';
  const row = await admin?.[kind].read(id);
  if (!admin || !row) return { kind: 'nothing' };
  const fields = withPicked(visit.fields, kind);
  const asking = await askWhich(visit, kind, { path: `/app/admin/${kind}/${id}`, fields });
  if (asking) return asking;
  const typed = typedIn(fields, kind);
  const target = { id, version: visit.fields.get('version') ?? '' };
  const outcome = await admin[kind].change(byOf(visit), target, typed.values, typed.extra);
  switch (outcome.kind) {
    case 'done':
      return { kind: 'go', to: await madeAt(kind, visit, outcome) };
    case 'nothing':
      return { kind: 'nothing' };
    case 'faults':
      return again(422, (drawing) => draw(kind, { row, typed, faults: outcome.faults }, drawing));
    case 'changed': {
      const now = await admin[kind].read(id);
      return again(409, (drawing) => draw(kind, { row: now, typed, faults: [], isChanged: true }, drawing));
    }
  }
}

function kept({ values, isDisabled }: AdminRow): AdminTyped {
  return { values, extra: { ...nothingTyped.extra, isDisabled } };
}

/** How those are called whom it names; who is not there: it can do less than somebody may think. */
async function calledIn(
  ctx: InteractionContext,
  { values }: AdminRow,
): Promise<{ readonly absent: readonly string[]; readonly named: Named }> {
  const lines = (field: string, type: string) =>
    (values[field] ?? '')
      .split('\n')
      .flatMap((id) => (id === '' ? [] : [{ field, reference: `${type}/${id}` }]));
  const all = [
    ...lines('organization', 'Organization'),
    ...lines('related', 'RelatedPerson'),
    ...lines('group', 'Group'),
    ...(values['person'] ? [{ field: 'person', reference: values['person'] }] : []),
  ];
  const absent: string[] = [];
  const named: Record<string, string[]> = {};
  for (const { field, reference } of all.slice(0, 50)) {
    const [type = '', text = ''] = reference.split('/');
    const id = parseResourceId(text);
    const found = id !== undefined && isResourceType(type) ? await ctx.view.read({ type, id }) : undefined;
    if (!found) absent.push(reference);
    if (found?.text === undefined) continue;
    const name = nameOf(JSON.parse(found.text) as FhirResource);
    named[field] = [...(named[field] ?? []), `${text}: ${name}`];
  }
  return { absent, named };
}
