import type { Caller } from './caller.ts';

/** An EHR that asks by CDS Hooks. */
export type CdsClient = {
  /** The client_id. */
  readonly id: string;
  readonly caller: Caller;
  /** The FHIR server of its data; absent where none was registered. */
  readonly fhirServer?: string;
};

/** How the entrance of CDS Hooks knows who asks; `auth` answers. */
export type CdsClients = {
  /** Of a JWT that the EHR has signed for this URL; undefined where it is not good. Each is good once. */
  readonly byJwt: (jwt: string, audience: string) => Promise<CdsClient | undefined>;
};
