import type { Bundle } from 'fhir/r4.js';
import type { AppOptions } from './app.ts';
import { openLinkSecret } from './auth/secrets/link-secret.ts';
import type { Seal } from './auth/secrets/seal.ts';
import { openTell } from './interaction/audit/tell.ts';
import { openContext, type ServerContext } from './interaction/context.ts';
import { callOperation } from './operation/call-operation.ts';
import type { Operation } from './operation/operation.ts';
import { type CardIssuer, issueCards, requireHttps } from './registry/health-cards/issue-cards.ts';
import { createLinkOperation } from './registry/health-links/create-operation.ts';
import type { LinkPort } from './registry/health-links/link-port.ts';
import { listLinksOperation, revokeLinkOperation } from './registry/health-links/list-operation.ts';
import { openLinkUses } from './registry/health-links/use-link.ts';
import { linkRoutes } from './rest/link-routes.ts';
import type { Store } from './store/contract/store.ts';

type Parts = {
  readonly publicUrl: string;
  readonly store: Store;
  readonly context: ServerContext;
  /** Has `$consolidated-record`, which a link shows. */
  readonly operations: readonly Operation[];
  /** What signs cards, and a seal that is opened when a link is made or used. */
  readonly cards: { readonly issuer: CardIssuer; readonly seal: () => Seal };
  readonly nameOf: LinkPort['nameOf'];
  /** Undefined where nobody signs in: there nobody answers for another. */
  readonly personsOf: LinkPort['personsOf'] | undefined;
};

export type HealthLinks = {
  readonly operations: readonly Operation[];
  readonly entrance: NonNullable<AppOptions['entrances']>[number];
};

const path = '/health-links';

/** SMART Health Links: what makes, lists and revokes them, and what they open. */
export function openHealthLinks(parts: Parts): HealthLinks {
  const { publicUrl, store, context, operations, nameOf, personsOf = async () => [] } = parts;
  const { issuer, seal } = parts.cards;
  const port: LinkPort = {
    store,
    nameOf,
    personsOf,
    serverSecret: openLinkSecret({ store, seal }),
    baseUrl: `${publicUrl}${path}`,
    viewerUrl: `${publicUrl}/app/link`,
    requireCards: () => requireHttps(issuer),
    readCards: async (ctx, id) => {
      const { cards } = await issueCards(ctx, issuer, id, { isWanted: () => true });
      return cards.map(({ card }) => card);
    },
    readRecord: (ctx, id) =>
      callOperation<Bundle>(ctx, operations, { code: 'consolidated-record', type: 'Patient', id }),
  };
  const ctx = openContext(context, store, { kind: 'system', name: 'health-link' });
  const tell = context.audit && openTell(context.audit, context.clock);
  const uses = openLinkUses({ ...port, ctx, tell });
  return {
    operations: [createLinkOperation(port), listLinksOperation(port), revokeLinkOperation(port)],
    entrance: (app) => linkRoutes(app, { path, uses }),
  };
}
