import type { VNode } from 'preact';
import type { OutcomeCode } from '../../../fhir/outcome-code.ts';
import { type EpochMs, formatInstant } from '../../../values/instant.ts';
import type { ResourceId } from '../../../values/resource-id.ts';
import { Field, Notice, PostForm } from '../../form-parts.tsx';
import { formatDayOf } from '../../format-date.ts';
import {
  endHealthLink,
  type GivenLink,
  makeHealthLink,
  type NewLink,
  refusalOf,
} from '../../health-links.ts';
import { type Fault, faultAt } from '../../parts/faults.tsx';
import { LinkCode } from '../../parts/qr-code.tsx';
import { doOnceOr } from '../../site/failed-save.ts';
import type { SessionNotes, Visit } from '../../site/page-door.ts';
import type { SiteServices } from '../../site/site-services.ts';
import { parseTextKey, type TextKey, type Translate } from '../../translate.ts';

/** For how many days a link may be good. */
const lives = { day: 1, week: 7, month: 30, year: 365 } as const;
type Life = keyof typeof lives;

const dayMs = 24 * 3600_000;
/** As `$health-link-create` holds them. */
const longest = { label: 80, passcode: 64 };
const shortestPasscode = 4;

/** What somebody asks for who makes a link. */
export type LinkForm = {
  readonly label: string;
  readonly passcode: string;
  readonly life: Life;
  /** Good once: who presses twice makes one link. */
  readonly once: string;
};

export type LinkFault = {
  readonly field?: string;
  readonly key: TextKey;
  readonly values?: Readonly<Record<string, string>>;
};

/** A link that was made, as it is kept for the session of who made it, and nowhere else. */
export type MadeLink = NewLink & { readonly patient: ResourceId; readonly hasPasscode: boolean };

const usualLife: Life = 'week';

export function readLinkForm(fields: URLSearchParams): LinkForm {
  const life = fields.get('life') ?? '';
  return {
    // Pasted tabs are spaces: a label has no control characters.
    label: (fields.get('label') ?? '').replace(/\p{Cc}+/gu, ' ').trim(),
    passcode: (fields.get('passcode') ?? '').trim(),
    life: Object.hasOwn(lives, life) ? (life as Life) : usualLife,
    once: fields.get('once') ?? '',
  };
}

/** The id of a form that was not sent yet. */
export function newLinkForm(notes: SessionNotes): Promise<string> {
  return notes.keep({ link: 'new' });
}

/** The link of this Patient that was kept under the id, for who made it. */
export async function madeLinkIn(
  notes: SessionNotes,
  note: string,
  patient: ResourceId,
): Promise<MadeLink | undefined> {
  const kept = (await notes.read(note)) as Partial<MadeLink> | undefined;
  return kept?.viewer !== undefined && kept.patient === patient ? (kept as MadeLink) : undefined;
}

function faultsOf({ label, passcode }: LinkForm): readonly LinkFault[] {
  const faults: LinkFault[] = [];
  if (label.length > longest.label) faults.push({ field: 'label', key: 'links.long-label' });
  const isLongEnough = passcode.length >= shortestPasscode && passcode.length <= longest.passcode;
  const fits = isLongEnough && !/\p{Cc}/u.test(passcode);
  if (passcode !== '' && !fits) faults.push({ field: 'passcode', key: 'links.wrong-passcode' });
  return faults;
}

/** Makes the link of a form, once: where that leads, or why there is none. */
export async function makeLink(
  { ctx, notes }: Visit,
  id: ResourceId,
  form: LinkForm,
  { operations }: SiteServices,
): Promise<{ readonly to: string } | { readonly faults: readonly LinkFault[]; readonly isSent?: true }> {
  const faults = faultsOf(form);
  if (faults.length > 0) return { faults };
  let refused: OutcomeCode | undefined;
  const make = async () => {
    try {
      const link = await makeHealthLink(ctx, id, operations, {
        label: form.label === '' ? undefined : form.label,
        passcode: form.passcode === '' ? undefined : form.passcode,
        expires: formatInstant((ctx.clock.now() + lives[form.life] * dayMs) as EpochMs),
      });
      const made: MadeLink = { ...link, patient: id, hasPasscode: form.passcode !== '' };
      return `/app/record/${id}/share?made=${await notes.keep(made)}#links`;
    } catch (thrown) {
      refused = refusalOf(thrown);
      throw thrown;
    }
  };
  const told = await doOnceOr(notes, form.once === '' ? await newLinkForm(notes) : form.once, make);
  if ('fault' in told) return { faults: [refused ? { key: refusalKeys[refused] } : told.fault] };
  return told.kind === 'unknown' ? { faults: [{ key: 'links.again' }], isSent: true } : { to: told.to };
}

const refusalKeys: Readonly<Record<OutcomeCode, TextKey>> = {
  'too-many-links': 'links.too-many',
  'no-https': 'links.not-here',
  'address-too-long': 'links.long-address',
};

export async function endLink(
  { ctx, fields }: Visit,
  id: ResourceId,
  { operations }: SiteServices,
): Promise<void> {
  await endHealthLink(ctx, id, operations, fields.get('end') ?? '');
}

type LinksProps = {
  readonly action: string;
  readonly csrf: string;
  readonly links: readonly GivenLink[];
  readonly form: LinkForm;
  readonly made: MadeLink | undefined;
  readonly faults: readonly Fault[];
  readonly t: Translate;
};

/** Links that show the record to whoever has them, until they end. */
export function ShareLinks({ action, csrf, links, form, made, faults, t }: LinksProps): VNode {
  return (
    <section class="card" id="links">
      <h2>{t('links.title')}</h2>
      <p>{t('links.who')}</p>
      {made && <Made made={made} t={t} />}
      <PostForm action={`${action}#links`} csrf={csrf} hidden={{ make: 'link', once: form.once }}>
        <Field
          name="label"
          label={t('links.label')}
          hint={t('links.label-hint')}
          fault={faultAt(faults, 'label')}
          input={{ value: form.label, autocomplete: 'off' }}
        />
        <fieldset>
          <legend>{t('links.life')}</legend>
          {(Object.keys(lives) as Life[]).map((life) => (
            <div key={life} class="choice">
              <input type="radio" id={`life-${life}`} name="life" value={life} checked={life === form.life} />
              <label for={`life-${life}`}>{t(`links.life.${life}`)}</label>
            </div>
          ))}
        </fieldset>
        <Field
          name="passcode"
          label={t('links.passcode')}
          hint={t('links.passcode-hint')}
          fault={faultAt(faults, 'passcode')}
          input={{ value: form.passcode, autocomplete: 'off' }}
        />
        <button class="button" type="submit">
          {t('links.make')}
        </button>
      </PostForm>
      {links.length > 0 && <Given links={links} action={action} csrf={csrf} t={t} />}
    </section>
  );
}

/** It is told to who made it alone, while the session lasts. */
function Made({ made, t }: { readonly made: MadeLink; readonly t: Translate }) {
  return (
    <>
      <Notice kind="good">
        <p>{t('links.made')}</p>
      </Notice>
      <div class="qr">
        <LinkCode link={made.viewer} label={t('links.image')} />
        <div>
          <Field name="made" label={t('links.address')} input={{ value: made.viewer, readOnly: true }} />
          <p class="quiet small">{t(made.hasPasscode ? 'links.tell-passcode' : 'links.no-passcode')}</p>
        </div>
      </div>
    </>
  );
}

type GivenProps = Pick<LinksProps, 'links' | 'action' | 'csrf' | 't'>;

function Given({ links, action, csrf, t }: GivenProps): VNode {
  return (
    <>
      <h3>{t('links.given')}</h3>
      <ul class="stack plain-list">
        {links.map((link) => (
          <li key={link.id}>
            <p>
              <b>{link.label === '' ? t('links.no-label') : <bdi>{link.label}</bdi>}</b>
            </p>
            <p class="small">{wordsOf(link, t).join(' · ')}</p>
            {link.status === 'active' && (
              <PostForm action={`${action}#links`} csrf={csrf}>
                <button
                  class="button short"
                  type="submit"
                  name="end"
                  value={link.id}
                  aria-label={t('links.end-this', { label: link.label || formatDayOf(t, link.created) })}
                >
                  {t('links.end')}
                </button>
              </PostForm>
            )}
          </li>
        ))}
      </ul>
    </>
  );
}

function wordsOf(link: GivenLink, t: Translate): readonly string[] {
  const status = parseTextKey(`links.status.${link.status}`);
  return [
    status ? t(status) : link.status,
    t('links.created', { date: formatDayOf(t, link.created) }),
    ...(link.expires === undefined ? [] : [t('links.until', { date: formatDayOf(t, link.expires) })]),
    t(link.hasPasscode ? 'links.has-passcode' : 'links.has-none'),
    link.lastUsed === undefined
      ? t('links.never-opened')
      : t.count('links.opened', link.uses, { date: formatDayOf(t, link.lastUsed) }),
  ];
}
