import type { CdsClient, CdsClients } from '../../access/cds-client.ts';
import type { AuthServer } from '../auth-server.ts';
import { clientByCdsJwt } from './assertion.ts';
import type { Client } from './client.ts';

/**
 * The EHRs that may ask by CDS Hooks: apps with keys that are registered with the `iss` of their JWTs. What they may see is
 * what their `system/` scopes and their organization let them.
 */
export function openCdsClients(server: AuthServer): CdsClients {
  const { assertions, toCaller, entitle } = server;
  const byIssuer = openIssuers(server);
  return {
    byJwt: async (jwt, audience) => {
      const client = await clientByCdsJwt(assertions, jwt, { audience, clientOf: byIssuer });
      return client && toCdsClient(client);
    },
  };

  async function toCdsClient(client: Client): Promise<CdsClient> {
    const scopes = client.scope.split(' ').filter((scope) => scope.startsWith('system/'));
    const { id, cdsServer: fhirServer } = client;
    const caller = toCaller(await entitle({ client, scopes }));
    return { id, caller, ...(fhirServer !== undefined && { fhirServer }) };
  }
}

/** Read anew when apps have changed. */
function openIssuers({ clients, epoch }: AuthServer): (issuer: string) => Promise<Client | undefined> {
  let known: { readonly epoch: string; readonly byIssuer: ReadonlyMap<string, Client> } | undefined;
  return async (issuer) => {
    const present = await epoch.present();
    if (known?.epoch !== present) {
      const all = await clients.list();
      const named = all.flatMap((one) =>
        one.cdsIssuer === undefined ? [] : [[one.cdsIssuer, one] as const],
      );
      known = { epoch: present, byIssuer: new Map(named) };
    }
    return known.byIssuer.get(issuer);
  };
}
