import type { VNode } from 'preact';
import type { OutcomeCode } from '../../../fhir/outcome-code.ts';
import { type EpochMs, formatInstant } from '../../../values/instant.ts';
import type { ResourceId } from '../../../values/resource-id.ts';
import { Field, Notice, PostForm } from '../../form-parts.tsx';
import { formatDayOf } from '../../format-date.ts';
import { endHealthLink, type GivenLink, makeHealthLink, type NewLink } from '../../health-links.ts';
import { type Fault, faultAt } from '../../parts/faults.tsx';
import { LinkCode } from '../../parts/qr-code.tsx';
import type { Visit } from '../../site/page-door.ts';
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
export type LinkForm = { readonly label: string; readonly passcode: string; readonly life: Life };

export type LinkFault = { readonly field?: string; readonly key: TextKey };

const usualLife: Life = 'week';

export function readLinkForm(fields: URLSearchParams): LinkForm {
  const life = fields.get('life') ?? '';
  return {
    // Pasted tabs are spaces: a label has no control characters.
    label: (fields.get('label') ?? '').replace(/\p{Cc}+/gu, ' ').trim(),
    passcode: (fields.get('passcode') ?? '').trim(),
    life: Object.hasOwn(lives, life) ? (life as Life) : usualLife,
  };
}

function faultsOf({ label, passcode }: LinkForm): readonly LinkFault[] {
  const faults: LinkFault[] = [];
  if (label.length > longest.label) faults.push({ field: 'label', key: 'links.long-label' });
  const isLongEnough = passcode.length >= shortestPasscode && passcode.length <= longest.passcode;
  const fits = isLongEnough && !/\p{Cc}/u.test(passcode);
  if (passcode !== '' && !fits) faults.push({ field: 'passcode', key: 'links.wrong-passcode' });
  return faults;
}

/** The link, or why there is none. It is kept nowhere: who made it sees it on the answer to the form alone. */
export async function makeLink(
  { ctx }: Visit,
  id: ResourceId,
  form: LinkForm,
  { operations }: SiteServices,
): Promise<{ readonly made: NewLink } | { readonly faults: readonly LinkFault[] }> {
  const faults = faultsOf(form);
  if (faults.length > 0) return { faults };
  const outcome = await makeHealthLink(ctx, id, operations, {
    label: form.label === '' ? undefined : form.label,
    passcode: form.passcode === '' ? undefined : form.passcode,
    expires: formatInstant((ctx.clock.now() + lives[form.life] * dayMs) as EpochMs),
  });
  return 'made' in outcome ? outcome : { faults: [{ key: refusalKeys[outcome.refused] }] };
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
  readonly made: NewLink | undefined;
  readonly faults: readonly Fault[];
  readonly t: Translate;
};

/** Links that show the record to whoever has them, until they end. */
export function ShareLinks({ action, csrf, links, form, made, faults, t }: LinksProps): VNode {
  return (
    <section class="card" id="links">
      <h2>{t('links.title')}</h2>
      <p>{t('links.who')}</p>
      {made && <Made made={made} form={form} t={t} />}
      <PostForm action={`${action}#links`} csrf={csrf} hidden={{ make: 'link' }}>
        <Field
          name="label"
          label={t('links.label')}
          hint={t('links.label-hint')}
          fault={faultAt(faults, 'label')}
          input={{ value: made ? '' : form.label, autocomplete: 'off' }}
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
          input={{ value: made ? '' : form.passcode, autocomplete: 'off' }}
        />
        <button class="button" type="submit">
          {t('links.make')}
        </button>
      </PostForm>
      {links.length > 0 && <Given links={links} action={action} csrf={csrf} t={t} />}
    </section>
  );
}

/** It is told this once. */
function Made({ made, form, t }: { readonly made: NewLink; readonly form: LinkForm; readonly t: Translate }) {
  return (
    <>
      <Notice kind="good">
        <p>{t('links.made')}</p>
      </Notice>
      <div class="qr">
        <LinkCode link={made.viewer} label={t('links.image')} />
        <div>
          <Field name="made" label={t('links.address')} input={{ value: made.viewer, readOnly: true }} />
          <p class="quiet small">{t(form.passcode === '' ? 'links.no-passcode' : 'links.tell-passcode')}</p>
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
