import type { ComponentChildren, VNode } from 'preact';
import type { Frame } from '../pages/auth-pages.ts';
import { Icon } from './icon.tsx';
import { navigation, recordNavigation } from './navigation.ts';
import { roleName } from './role-name.ts';
import type { Translate } from './translate.ts';

/** URLs of what every page loads. */
export type PageAssets = {
  readonly styles: string;
  readonly icon: string;
  readonly scan?: string;
  readonly review?: string;
  readonly link?: string;
};

export type PageBody = {
  readonly title: string;
  readonly content: ComponentChildren;
  /** One form or one message: a narrow column reads better. */
  readonly narrow?: boolean;
  /** A form came back because something in it must be put right. */
  readonly failed?: boolean;
  /** The id of the person whose record this is: leads to its other pages. */
  readonly record?: string;
  /** Stands above the content, over the whole width: whose record is open. */
  readonly banner?: ComponentChildren;
  /** Leads past what stands before: to the form of the page. */
  readonly skip?: { readonly to: string; readonly text: string };
  /** Read by the page's own script. */
  readonly script?: 'scan' | 'review' | 'link';
  /** Shows a paper as it is printed. */
  readonly isPaper?: boolean;
};

type ShellProps = {
  readonly assets: PageAssets;
  readonly frame: Frame;
  readonly body: PageBody;
  readonly t: Translate;
};

/** The document around every page. */
export function Shell({ assets, frame, body, t }: ShellProps): VNode {
  const script = body.script && assets[body.script];
  const title = body.failed ? t('shell.error-title', { title: body.title }) : body.title;
  return (
    <html lang={frame.language} data-theme={frame.theme}>
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content="light dark" />
        <title>{`${title} – Jenner`}</title>
        <link rel="icon" href={assets.icon} />
        <link rel="stylesheet" href={assets.styles} />
        {script !== undefined && <script src={script} defer />}
      </head>
      <body>
        <a class="skip" href="#content">
          {t('shell.skip')}
        </a>
        {body.skip && (
          <a class="skip" href={`#${body.skip.to}`}>
            {body.skip.text}
          </a>
        )}
        <Bar frame={frame} record={body.record} t={t} />
        {body.banner}
        <main id="content" tabIndex={-1} class={mainClass(body)}>
          {body.content}
        </main>
      </body>
    </html>
  );
}

function mainClass({ narrow, isPaper }: PageBody): string | undefined {
  if (isPaper) return 'paper';
  return narrow ? 'narrow' : undefined;
}

type BarProps = { readonly frame: Frame; readonly record: string | undefined; readonly t: Translate };

function Bar({ frame, record, t }: BarProps): VNode {
  return (
    <header class="bar">
      <div class="bar-inside">
        <a class="brand" href="/app">
          <Icon of="brand" />
          Jenner
        </a>
        {frame.user && <Pages frame={frame} record={record} t={t} />}
        <div class="bar-end">
          <OtherTheme frame={frame} t={t} />
          <OtherLanguage frame={frame} t={t} />
          {frame.user && <SignedIn user={frame.user} csrf={frame.csrf} t={t} />}
        </div>
      </div>
    </header>
  );
}

function Pages({ frame, record, t }: BarProps): VNode {
  const role = frame.user?.role;
  const rows =
    record === undefined
      ? navigation.filter(({ roles }) => !roles || roles.some((one) => one === role))
      : recordNavigation(record, frame.showsSeen === true);
  const links = [...rows, { href: '/app/account', text: 'shell.account' } as const];
  const [here = ''] = frame.here.split('?');
  // The longest that leads here: a page below another is its own.
  const present = links
    .filter(({ href }) => here === href || (href !== '/app' && here.startsWith(`${href}/`)))
    .sort((one, other) => other.href.length - one.href.length)[0];
  return (
    <nav aria-label="Jenner">
      {links.map((link) => (
        <a
          key={link.href}
          href={link.href}
          aria-current={link !== present ? undefined : link.href === here ? 'page' : 'true'}
        >
          {t(link.text)}
        </a>
      ))}
    </nav>
  );
}

function OtherLanguage({ frame, t }: { readonly frame: Frame; readonly t: Translate }): VNode {
  const other = frame.language === 'en' ? 'es' : 'en';
  return (
    <a href={withParameter(frame.here, 'lang', other)} lang={other} hreflang={other}>
      {t('shell.other-language')}
    </a>
  );
}

/** A page that somebody has signed in to can be seen in the other scheme, whatever the system says. */
function OtherTheme({ frame, t }: { readonly frame: Frame; readonly t: Translate }): VNode | null {
  if (!frame.user) return null;
  const other = frame.theme === 'dark' ? 'light' : 'dark';
  return <a href={withParameter(frame.here, 'theme', other)}>{t(`shell.theme-${other}`)}</a>;
}

type SignedInProps = {
  readonly user: NonNullable<Frame['user']>;
  readonly csrf: string;
  readonly t: Translate;
};

function SignedIn({ user, csrf, t }: SignedInProps): VNode {
  return (
    <>
      <span class="who quiet small">
        {[user.name, roleName(t, user.role), user.place].filter(Boolean).join(' · ')}
      </span>
      <form class="inline" method="post" action="/auth/sign-out">
        <input type="hidden" name="csrf" value={csrf} />
        <button class="link-button" type="submit">
          {t('shell.sign-out')}
        </button>
      </form>
    </>
  );
}

function withParameter(here: string, name: string, value: string): string {
  const [path = '', query = ''] = here.split('?', 2);
  const others = query.split('&').filter((part) => part !== '' && !part.startsWith(`${name}=`));
  return `${path}?${[...others, `${name}=${value}`].join('&')}`;
}
