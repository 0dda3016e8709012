import type { Parameters, ParametersParameter } from 'fhir/r4.js';
import type { OutcomeCode } from '../fhir/outcome-code.ts';
import { Problem } from '../fhir/problem.ts';
import type { InteractionContext } from '../interaction/context.ts';
import type { Operation } from '../operation/operation.ts';
import type { ResourceId } from '../values/resource-id.ts';
import { callOperation } from './site/call-operation.ts';

/** A link that was handed out, without what opens it. */
export type GivenLink = {
  readonly id: string;
  readonly label: string;
  readonly status: string;
  readonly created: string;
  readonly expires: string | undefined;
  readonly hasPasscode: boolean;
  readonly uses: number;
  readonly lastUsed: string | undefined;
};

/** `viewer` opens it in a browser, `link` in an app that reads SMART Health Links. Nobody can tell them again. */
export type NewLink = { readonly viewer: string; readonly link: string };

export type LinkWish = {
  readonly label: string | undefined;
  readonly passcode: string | undefined;
  /** An instant. */
  readonly expires: string;
};

/** The newest first; undefined: this server makes none. */
export async function readHealthLinks(
  ctx: InteractionContext,
  id: ResourceId,
  operations: readonly Operation[],
): Promise<readonly GivenLink[] | undefined> {
  if (!operations.some(({ code }) => code === 'health-links')) return undefined;
  const { parameter = [] } = await call(ctx, id, operations, { code: 'health-links', inputs: {} });
  return parameter.map(({ part = [] }) => toGiven(part));
}

function toGiven(part: readonly ParametersParameter[]): GivenLink {
  const of = (name: string) => part.find((one) => one.name === name);
  return {
    id: of('id')?.valueId ?? '',
    label: of('label')?.valueString ?? '',
    status: of('status')?.valueCode ?? '',
    created: of('created')?.valueInstant ?? '',
    expires: of('expires')?.valueInstant,
    hasPasscode: of('hasPasscode')?.valueBoolean === true,
    uses: of('uses')?.valueInteger ?? 0,
    lastUsed: of('lastUsed')?.valueInstant,
  };
}

/** Rejects with a Problem where none can be made; `refusalOf` tells why. */
export async function makeHealthLink(
  ctx: InteractionContext,
  id: ResourceId,
  operations: readonly Operation[],
  wish: LinkWish,
): Promise<NewLink> {
  const { parameter = [] } = await call(ctx, id, operations, {
    code: 'health-link-create',
    inputs: { ...wish },
  });
  const link = parameter.find(({ name }) => name === 'link')?.valueUri;
  const viewer = parameter.find(({ name }) => name === 'viewer')?.valueUrl;
  if (link === undefined || viewer === undefined) throw new Error('A link was made and not told');
  return { link, viewer };
}

/** Why no link was made, where the registry says so; undefined of any other failure. */
export function refusalOf(thrown: unknown): OutcomeCode | undefined {
  return thrown instanceof Problem ? thrown.issues[0]?.reason : undefined;
}

/** It opens nothing from now on. */
export async function endHealthLink(
  ctx: InteractionContext,
  id: ResourceId,
  operations: readonly Operation[],
  link: string,
): Promise<void> {
  await call(ctx, id, operations, { code: 'health-link-revoke', inputs: { id: link } });
}

type Asked = { readonly code: string; readonly inputs: Readonly<Record<string, string | undefined>> };

async function call(
  ctx: InteractionContext,
  id: ResourceId,
  operations: readonly Operation[],
  { code, inputs }: Asked,
): Promise<Parameters> {
  const answer = await callOperation(ctx, operations, { code, type: 'Patient', id, inputs });
  if (answer.kind !== 'resource') throw new Error(`${code} answered no resource`);
  return answer.resource as Parameters;
}
