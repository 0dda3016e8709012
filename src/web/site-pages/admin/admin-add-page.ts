import type { AdminKind } from '../../../pages/admin-records.ts';
import { doOnce } from '../../site/do-once.ts';
import type { Visit } from '../../site/page-door.ts';
import { type Answer, type SitePage, sitePage } from '../../site/site-page.ts';
import type { SiteServices } from '../../site/site-services.ts';
import { again, askWhich, byOf, madeAt, waitingTyped } from './admin-answers.ts';
import { type AdminTyped, nothingTyped, typedIn } from './admin-form.tsx';
import { draw } from './draw-admin.tsx';
import { withPicked } from './named.ts';

/** Makes an account or an app. */
export function adminAddPage(kind: AdminKind): SitePage {
  const path = `/app/admin/${kind}/new` as const;
  return sitePage({
    path,
    name: `admin-${kind}-new`,
    roles: ['administrator'],
    parse: ({ typed, fields }) => ({ typed, which: fields.get('which') }),
    load: async (visit, { typed, which }, { admin }) =>
      admin && {
        typed: (await waitingTyped(visit, kind, { typed, which })) ?? nothingTyped,
        once: await newForm(visit.notes),
      },
    view: (shown, drawing) => draw(kind, { ...shown, faults: [] }, drawing),
    post: async (visit, { admin }): Promise<Answer> => {
      if (!admin) return { kind: 'nothing' };
      const fields = withPicked(visit.fields, kind);
      const asking = await askWhich(visit, kind, { path, fields });
      return (
        asking ?? addOnce(visit, kind, admin, { typed: typedIn(fields, kind), once: fields.get('once') })
      );
    },
  });
}

type Records = NonNullable<SiteServices['admin']>;
type Adding = { readonly typed: AdminTyped; readonly once: string | null };

/** Makes one, however often the form is sent, and leads to it. */
async function addOnce(visit: Visit, kind: AdminKind, admin: Records, form: Adding): Promise<Answer> {
  const { notes } = visit;
  const { typed } = form;
  let faults: readonly string[] = [];
  const add = async () => {
    const outcome = await admin[kind].add(byOf(visit), typed.values, typed.extra);
    if (outcome.kind === 'done') return madeAt(kind, visit, outcome);
    faults = outcome.kind === 'faults' ? outcome.faults : [];
    return nowhere;
  };
  const made = await doOnce(notes, form.once ?? (await newForm(notes)), add);
  if (made.kind !== 'unknown' && made.to !== nowhere) return { kind: 'go', to: made.to };
  const once = await newForm(notes);
  // The first press was refused: the second is told why.
  if (made.kind === 'before') return addOnce(visit, kind, admin, { typed, once });
  const told = made.kind === 'unknown' ? ['form-old'] : faults;
  return again(422, (drawing) => draw(kind, { typed, once, faults: told }, drawing));
}

/** Where a form led that was refused. */
const nowhere = '';

function newForm(notes: Visit['notes']): Promise<string> {
  return notes.keep({ admin: 'new' });
}
