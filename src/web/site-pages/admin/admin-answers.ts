import type { AdminKind } from '../../../pages/admin-records.ts';
import type { PageBody } from '../../shell.tsx';
import type { Visit } from '../../site/page-door.ts';
import type { Answer, Drawing } from '../../site/site-page.ts';
import { type AdminTyped, typedIn } from './admin-form.tsx';
import { choicesOf, keepForm, namesIn, readForm } from './named.ts';

export function byOf({ visitor, from }: Visit) {
  return { login: visitor.login, from };
}

/** What was made is kept for the session, so that it stands in no URL and is shown once. */
export async function madeAt(
  kind: AdminKind,
  { notes }: Visit,
  { id, secret }: { readonly id: string; readonly secret?: string },
): Promise<string> {
  const shown = secret === undefined ? '' : `&q=${await notes.keep(secret)}`;
  return `/app/admin/${kind}/${id}?saved=1${shown}`;
}

export function again(status: number, drawn: (drawing: Drawing) => PageBody): Answer {
  return { kind: 'page', status, draw: (drawing) => ({ ...drawn(drawing), failed: true }) };
}

type Waiting = { readonly typed: URLSearchParams | undefined; readonly which: string | null };

/** What was typed when the session ended, or before somebody was asked who is meant by a name. */
export async function waitingTyped(
  { ctx, notes }: Visit,
  kind: AdminKind,
  { typed, which }: Waiting,
): Promise<AdminTyped | undefined> {
  const fields = typed ?? (await readForm(notes, which));
  if (!fields) return undefined;
  return { ...typedIn(fields, kind), choices: typed ? [] : await choicesOf(ctx, kind, fields) };
}

/** People are looked for by GET alone, which is told in the audit with all whom it showed. */
export async function askWhich(
  { ctx, notes }: Visit,
  kind: AdminKind,
  { path, fields }: { readonly path: string; readonly fields: URLSearchParams },
): Promise<Answer | undefined> {
  if ((await namesIn(ctx, kind, fields)).length === 0) return undefined;
  return { kind: 'go', to: `${path}?which=${await keepForm(notes, fields)}` };
}
