import type { Bundle } from 'fhir/r4.js';
import type { AppOptions } from './app.ts';
import { openCardKeys } from './auth/secrets/card-keys.ts';
import { openSeal, passingSeal } from './auth/secrets/key-file.ts';
import type { Seal } from './auth/secrets/seal.ts';
import type { Config } from './config.ts';
import { keyPlace } from './open-authorization.ts';
import { callOperation } from './operation/call-operation.ts';
import type { Operation } from './operation/operation.ts';
import { fileOperation } from './registry/health-cards/file-operation.ts';
import type { CardIssuer } from './registry/health-cards/issue-cards.ts';
import { issueOperation } from './registry/health-cards/issue-operation.ts';
import { openRevocations } from './registry/health-cards/revocations.ts';
import { revokeOperation } from './registry/health-cards/revoke-operation.ts';
import { cardRoutes } from './rest/card-routes.ts';
import type { Store } from './store/contract/store.ts';
import type { Clock } from './values/clock.ts';

export type HealthCards = {
  readonly operations: readonly Operation[];
  /** Keys and revocation lists. */
  readonly entrance: NonNullable<AppOptions['entrances']>[number];
  /** What else hands out cards, and keeps secrets of its own. */
  readonly issuer: CardIssuer;
  readonly seal: () => Seal;
};

type Parts = {
  readonly publicUrl: string;
  readonly store: Store;
  readonly clock: Clock;
  /** Opened when a key is made or signs. */
  readonly seal: () => Seal;
  /** Has `$consolidated-record`, by which a card is filled. */
  readonly operations: readonly Operation[];
  readonly cvxByOtherCodes: CardIssuer['cvxByOtherCodes'];
};

/** Below the address of the server, so that no key of a card is taken for one of a token. */
const path = '/cards';

/** SMART Health Cards: what issues and revokes them, and what verifiers ask. */
export function openHealthCards(parts: Parts): HealthCards {
  const { publicUrl, store, clock, seal, operations, cvxByOtherCodes } = parts;
  const keys = openCardKeys({ store, seal, clock });
  const revocations = openRevocations(store);
  const issuer: CardIssuer = {
    iss: `${publicUrl}${path}`,
    keys,
    revocations,
    cvxByOtherCodes,
    readRecord: (ctx, id) =>
      callOperation<Bundle>(ctx, operations, { code: 'consolidated-record', type: 'Patient', id }),
  };
  const { publicKeys } = keys;
  const { counter, list: revoked } = revocations;
  return {
    operations: [issueOperation(issuer), fileOperation(issuer), revokeOperation(issuer)],
    entrance: (app) => cardRoutes(app, { path, publicKeys, counter, revoked }),
    issuer,
    seal,
  };
}

/** The same by the settings; the seal is opened when it is needed. */
export function healthCardsOf(
  config: Pick<Config, 'publicUrl' | 'store' | 'keyFile' | 'data'>,
  parts: Omit<Parts, 'publicUrl' | 'seal'>,
): HealthCards {
  let opened: Seal | undefined;
  const seal = () => {
    // What a store in memory has sealed ends with it.
    opened ??= config.store.kind === 'sqlite-memory' ? passingSeal() : openSeal(keyPlace(config));
    return opened;
  };
  return openHealthCards({ ...parts, publicUrl: config.publicUrl, seal });
}
