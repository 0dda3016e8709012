import { type Ehr, type EhrInput, type Ehrs, newEhr } from '../auth/ehr/ehr-records.ts';
import type { Clock } from '../values/clock.ts';
import { OperatorError } from '../values/operator-error.ts';

export type EhrCommand = {
  readonly ehrs: Ehrs;
  readonly clock: Clock;
  readonly json: boolean;
  readonly output: { readonly write: (text: string) => unknown };
};

/** `jenner ehr add`: an EHR that may open Jenner's app, which is registered there as `--client-id`. */
export async function addEhr({ ehrs, clock, json, output }: EhrCommand, input: EhrInput): Promise<number> {
  const ehr = newEhr(input, clock.now());
  if (!(await ehrs.add(ehr))) {
    throw new OperatorError(
      `--iss ${ehr.iss}: an EHR of this base is there already; jenner ehr list shows it`,
    );
  }
  output.write(json ? `${JSON.stringify(toShown(ehr))}\n` : `added ehr ${ehr.id} (${ehr.name})\n`);
  return 0;
}

export async function listEhrs({ ehrs, json, output }: EhrCommand): Promise<number> {
  const all = await ehrs.list();
  if (json) output.write(`${JSON.stringify(all.map(toShown))}\n`);
  else output.write(`${[...all.map(lineOf), `${all.length} ehrs`].join('\n')}\n`);
  return 0;
}

/** Visits that it has opened end. */
export async function removeEhr({ ehrs, json, output }: EhrCommand, id: string): Promise<number> {
  if (!(await ehrs.remove(id))) throw new OperatorError(`there is no ehr ${id}: jenner ehr list shows them`);
  output.write(json ? `${JSON.stringify({ id, removed: true })}\n` : `removed ehr ${id}\n`);
  return 0;
}

function toShown({ id, name, iss, clientId, kind, jwksUrl, organization, write }: Ehr): object {
  return {
    id,
    name,
    iss,
    client_id: clientId,
    kind,
    ...(jwksUrl !== undefined && { jwks_uri: jwksUrl }),
    ...(organization !== undefined && { organization }),
    ...(write && { write }),
  };
}

function lineOf({ id, kind, name, iss, organization, write }: Ehr): string {
  const more = `${organization === undefined ? '' : `  of ${organization}`}${write ? '  write' : ''}`;
  return `${id}  ${kind}  ${name}${more}  ${iss}`;
}
