import type { AppOptions } from './app.ts';
import type { Operation } from './operation/operation.ts';
import type { ForecastSettings } from './registry/forecasting/forecast-operations.ts';
import { readRecordView } from './registry/forecasting/record-view/read-record-view.ts';
import type { PageDoor } from './web/site/page-door.ts';
import type { SitePage } from './web/site/site-page.ts';
import { sitePlugin } from './web/site/site-plugin.ts';
import type { SiteServices } from './web/site/site-services.ts';
import { sitePages } from './web/site-pages/site-pages.ts';

export type SiteParts = {
  readonly door: PageDoor;
  readonly forecast: ForecastSettings;
  readonly operations: readonly Operation[];
  /** Whether the parts that pages are made of are shown, as the demo does. */
  readonly showsParts: boolean;
  /** Those of this version when absent. */
  readonly pages?: readonly SitePage[];
};

type Entrance = NonNullable<AppOptions['entrances']>[number];

/** The pages of who has signed in, on what this server works with. */
export function siteEntrance(
  { door, forecast, operations, showsParts, pages = sitePages }: SiteParts,
  { styles, icon }: Readonly<Record<'styles' | 'icon', { readonly path: string }>>,
): Entrance {
  const services: SiteServices = {
    issuer: 'Jenner Immunization Information System',
    operations,
    showsParts,
    recordView: (ctx, id, day) => readRecordView(ctx, id, forecast, day),
  };
  const assets = { styles: styles.path, icon: icon.path };
  return (app) => sitePlugin(app, { door, pages, services, assets });
}
