import type { ComponentChildren, VNode } from 'preact';
import type { Frame } from '../pages/auth-pages.ts';
import { Icon } from './icon.tsx';
import { roleName } from './role-name.ts';
import type { Translate } from './translate.ts';

/** URLs of what every page loads. */
export type PageAssets = { readonly styles: string; readonly icon: string };

export type PageBody = {
  readonly title: string;
  readonly content: ComponentChildren;
  /** One form or one message: a narrow column reads better. */
  readonly narrow?: boolean;
  /** A form came back because something in it must be put right. */
  readonly failed?: boolean;
  /** The id of the person whose record this is: leads to its other pages. */
  readonly record?: string;
};

type ShellProps = {
  readonly assets: PageAssets;
  readonly frame: Frame;
  readonly body: PageBody;
  readonly t: Translate;
};

/** The document around every page. */
export function Shell({ assets, frame, body, t }: ShellProps): VNode {
  const title = body.failed ? t('shell.error-title', { title: body.title }) : body.title;
  return (
    <html lang={frame.language}>
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content="light dark" />
        <title>{`${title} – Jenner`}</title>
        <link rel="icon" href={assets.icon} />
        <link rel="stylesheet" href={assets.styles} />
      </head>
      <body>
        <a class="skip" href="#content">
          {t('shell.skip')}
        </a>
        <Bar frame={frame} record={body.record} t={t} />
        <main id="content" tabIndex={-1} class={body.narrow ? 'narrow' : undefined}>
          {body.content}
        </main>
      </body>
    </html>
  );
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
          <OtherLanguage frame={frame} t={t} />
          {frame.user && <SignedIn user={frame.user} csrf={frame.csrf} t={t} />}
        </div>
      </div>
    </header>
  );
}

function Pages({ frame, record, t }: BarProps): VNode {
  const own = record === undefined ? undefined : `/app/record/${record}`;
  const links = [
    { href: '/app', text: t('shell.home') },
    ...(own === undefined
      ? [{ href: '/app/apps', text: t('shell.apps') }]
      : [
          { href: `${own}/apps`, text: t('shell.apps') },
          ...(frame.showsSeen ? [{ href: `${own}/seen`, text: t('shell.seen') }] : []),
        ]),
    { href: '/app/account', text: t('shell.account') },
  ];
  const [here] = frame.here.split('?');
  return (
    <nav aria-label="Jenner">
      {links.map(({ href, text }) => (
        <a key={href} href={href} aria-current={href === here ? 'page' : undefined}>
          {text}
        </a>
      ))}
    </nav>
  );
}

function OtherLanguage({ frame, t }: { readonly frame: Frame; readonly t: Translate }): VNode {
  const other = frame.language === 'en' ? 'es' : 'en';
  return (
    <a href={withLanguage(frame.here, other)} lang={other} hreflang={other}>
      {t('shell.other-language')}
    </a>
  );
}

type SignedInProps = {
  readonly user: NonNullable<Frame['user']>;
  readonly csrf: string;
  readonly t: Translate;
};

function SignedIn({ user, csrf, t }: SignedInProps): VNode {
  return (
    <>
      <span class="who quiet small">{`${user.name} · ${roleName(t, user.role)}`}</span>
      <form class="inline" method="post" action="/auth/sign-out">
        <input type="hidden" name="csrf" value={csrf} />
        <button class="link-button" type="submit">
          {t('shell.sign-out')}
        </button>
      </form>
    </>
  );
}

function withLanguage(here: string, language: string): string {
  const [path = '', query = ''] = here.split('?', 2);
  const others = query.split('&').filter((part) => part !== '' && !part.startsWith('lang='));
  return `${path}?${[...others, `lang=${language}`].join('&')}`;
}
