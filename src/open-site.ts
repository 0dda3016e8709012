import type { AppOptions } from './app.ts';
import { withCaller } from './interaction/context.ts';
import type { Operation } from './operation/operation.ts';
import { openPdfWriter } from './pdf/threaded-pdf.ts';
import { deduplicate } from './registry/deduplication/deduplicate.ts';
import type { Vaccines } from './registry/deduplication/dose-event.ts';
import { doseReviews, saidIn } from './registry/deduplication/dose-reviews.ts';
import type { ForecastSettings } from './registry/forecasting/forecast-operations.ts';
import { groupStatesBy } from './registry/forecasting/group-states.ts';
import { readRecordView } from './registry/forecasting/record-view/read-record-view.ts';
import { readVisitView } from './registry/forecasting/record-view/read-visit-view.ts';
import { vaccineFactsOf } from './registry/forecasting/vaccine-facts.ts';
import type { VaccineProducts } from './registry/forecasting/vaccine-products.ts';
import { peopleLike } from './registry/matching/people-like.ts';
import { shippedModel } from './registry/matching/shipped-model.ts';
import type { TimeZone } from './values/time-zone.ts';
import type { PageDoor } from './web/site/page-door.ts';
import type { SitePage } from './web/site/site-page.ts';
import { sitePlugin } from './web/site/site-plugin.ts';
import type { SiteServices } from './web/site/site-services.ts';
import { sitePages } from './web/site-pages/site-pages.ts';
import { openVaccineNames, type VaccineNames } from './web/vaccine-names/find-vaccine.ts';

export type SiteParts = {
  readonly door: PageDoor;
  /** Where the registry is. */
  readonly zone: TimeZone;
  readonly forecast: ForecastSettings;
  readonly operations: readonly Operation[];
  readonly admin?: SiteServices['admin'];
  /** Long work that is kept. */
  readonly jobs?: SiteServices['jobs'];
  readonly reporters?: SiteServices['reporters'];
  /** What vaccine codes mean, where doses are compared. */
  readonly vaccineMeanings: Vaccines;
  /** What ships of vaccines beside the schedule. */
  readonly vaccineProducts: () => VaccineProducts;
  /** Whether the parts that pages are made of are shown, as the demo does. */
  readonly showsParts: boolean;
  /** Those of this version when absent. */
  readonly pages?: readonly SitePage[];
};

type Asset = { readonly path: string };

type SiteAssets = { readonly styles: Asset; readonly icon: Asset; readonly review: Asset };

type Entrance = NonNullable<AppOptions['entrances']>[number];

/** The pages of who has signed in, on what this server works with. */
export function siteEntrance(
  {
    door,
    zone,
    forecast,
    operations,
    vaccineMeanings,
    vaccineProducts,
    admin,
    jobs,
    reporters,
    showsParts,
    pages = sitePages,
  }: SiteParts,
  { styles, icon, review }: SiteAssets,
): Entrance {
  const [knowledgeBase] = forecast.knowledgeBases;
  const vaccines = knowledgeBase.data.vaccines
    .map(({ cvx, shortDescription: name }) => ({ cvx, name }))
    .sort((one, other) => one.name.localeCompare(other.name));
  const vaccineFacts = vaccineFactsOf(knowledgeBase);
  const openNames = () => {
    const groupsOf = (cvx: string) => vaccineFacts(cvx).groups;
    return openVaccineNames({ vaccines, products: vaccineProducts(), groupsOf });
  };
  let names: VaccineNames | undefined;
  const services: SiteServices = {
    vaccineNames: () => {
      names ??= openNames();
      return names;
    },
    vaccineOfNdc: (ndc) => {
      const [cvx, ...others] = knowledgeBase.cvxOf('http://hl7.org/fhir/sid/ndc', ndc);
      return others.length === 0 ? vaccines.find((vaccine) => vaccine.cvx === cvx) : undefined;
    },
    vaccineFacts,
    issuer: 'Jenner Immunization Information System',
    operations,
    writePaper: openPdfWriter(),
    ...(admin && { admin }),
    ...(jobs && { jobs }),
    ...(reporters && { reporters }),
    showsParts,
    dosesAsOne: async (ctx, people, doses) => {
      const system = withCaller(ctx, { kind: 'system', name: 'deduplication' });
      return deduplicate(doses, vaccineMeanings, saidIn(await doseReviews(system, people)));
    },
    peopleLike: (ctx, described) => peopleLike(ctx, shippedModel, described),
    groupStates: groupStatesBy(forecast),
    recordView: (ctx, id, day) => readRecordView(ctx, id, forecast, day),
    visitView: (ctx, id, withheldBy) => readVisitView(ctx, id, { settings: forecast, withheldBy }),
  };
  const assets = { styles: styles.path, icon: icon.path, review: review.path };
  return (app) => sitePlugin(app, { door, zone, pages, services, assets });
}
