import type { Caller } from './access/caller.ts';
import type { CdsClients } from './access/cds-client.ts';
import type { AppOptions } from './app.ts';
import { fetchJson } from './auth/clients/fetch-json.ts';
import { cdsHooksPlugin } from './cds-hooks/cds-hooks-plugin.ts';
import type { VaccineCodes } from './cds-hooks/ordered-vaccines.ts';
import type { Config } from './config.ts';
import type { InteractionContext } from './interaction/context.ts';
import type { Operation } from './operation/operation.ts';
import type { FetchFhir } from './registry/ehr-record/ehr-record.ts';

export type CdsHooksParts = {
  readonly config: Pick<Config, 'publicUrl' | 'allowPrivateJwks'>;
  readonly contextFor: (caller: Caller) => InteractionContext;
  /** Absent on an open server. */
  readonly clients: CdsClients | undefined;
  readonly operations: readonly Operation[];
  readonly codes: VaccineCodes;
  /** Whether an EHR of this FHIR base opens Jenner's app. */
  readonly isEhr?: ((iss: string) => Promise<boolean>) | undefined;
  /** By HTTP when absent. */
  readonly fetchFhir?: FetchFhir | undefined;
};

/** A page of a history; a hundred doses have some hundred thousand. */
const mostBytes = 8 * 1024 * 1024;

/** `/cds-services`. What is fetched of an EHR lies where the keys of apps may lie. */
export function openCdsHooks(parts: CdsHooksParts): NonNullable<AppOptions['entrances']>[number] {
  const { config, fetchFhir, isEhr, ...rest } = parts;
  const { publicUrl, allowPrivateJwks: allowPrivate } = config;
  const byHttp: FetchFhir = async (url, token) => {
    const headers = {
      accept: 'application/fhir+json',
      ...(token !== undefined && { authorization: `Bearer ${token}` }),
    };
    return (await fetchJson(url, { allowPrivate, headers, mostBytes })).json;
  };
  const launchUrlFor = async (fhirServer: string | undefined) =>
    fhirServer !== undefined && (await isEhr?.(fhirServer)) ? `${publicUrl}/app/launch` : undefined;
  return (app) => cdsHooksPlugin(app, { ...rest, publicUrl, fetchFhir: fetchFhir ?? byHttp, launchUrlFor });
}
