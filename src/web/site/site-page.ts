import type { RoleName } from '../../access/role-name.ts';
import type { Frame } from '../../pages/auth-pages.ts';
import type { PageBody } from '../shell.tsx';
import type { Translate } from '../translate.ts';
import type { Visit } from './page-door.ts';
import type { SiteServices } from './site-services.ts';

/** What a page is drawn from. */
export type Drawing = { readonly frame: Frame; readonly t: Translate };

/** Where a page that is left alone goes on by itself, by a header and without a script. */
export type Refresh = { readonly seconds: number; readonly to: string };

export type Answer =
  /** A page; 200 when no status is said. */
  | {
      readonly kind: 'page';
      readonly draw: (drawing: Drawing) => PageBody;
      readonly status?: number;
      readonly refresh?: Refresh | undefined;
    }
  /** It is done: go on by GET (303). */
  | { readonly kind: 'go'; readonly to: string }
  | {
      readonly kind: 'file';
      readonly name: string;
      readonly type: string;
      readonly write: (t: Translate) => string | Buffer;
    }
  /** As what never was. */
  | { readonly kind: 'nothing' };

/** A page of the site, as the plugin serves it. */
export type SitePage = {
  readonly path: `/app${string}`;
  /** What the audit calls it: `page NAME`. */
  readonly name: string;
  /** Who has it; absent: everybody who has signed in. */
  readonly roles?: readonly RoleName[];
  readonly get: (visit: Visit, services: SiteServices) => Promise<Answer>;
  readonly post?: (visit: Visit, services: SiteServices) => Promise<Answer>;
};

type Parts<Asked, Data> = Pick<SitePage, 'path' | 'name' | 'roles' | 'post'> & {
  /** What the URL asks for; undefined: no such page. */
  readonly parse: (visit: Visit) => Asked | undefined;
  /** One inward call; undefined: no such page. */
  readonly load: (visit: Visit, asked: Asked, services: SiteServices) => Promise<Data | undefined>;
  readonly view: (data: Data, drawing: Drawing) => PageBody;
  readonly refresh?: (data: Data) => Refresh | undefined;
  /** The same data as a file, where the URL asks for one. */
  readonly csv?: (data: Data, t: Translate) => string;
};

/** A page in its three steps: what is asked, what is there, how it looks. */
export function sitePage<Asked, Data>(parts: Parts<Asked, Data>): SitePage {
  const { parse, load, view, csv, refresh, ...page } = parts;
  return {
    ...page,
    get: async (visit, services) => {
      const asked = parse(visit);
      const data = asked === undefined ? undefined : await load(visit, asked, services);
      if (data === undefined) return { kind: 'nothing' };
      if (csv && visit.fields.get('format') === 'csv') {
        return {
          kind: 'file',
          name: `${parts.name}.csv`,
          type: 'text/csv; charset=utf-8',
          write: (t) => csv(data, t),
        };
      }
      return { kind: 'page', draw: (drawing) => view(data, drawing), refresh: refresh?.(data) };
    },
  };
}
