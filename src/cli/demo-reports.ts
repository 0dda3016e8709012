import type { Patient } from 'fhir/r4.js';
import { demoMessage } from '../hl7v2/demo/demo-message.ts';
import type { InteractionContext } from '../interaction/context.ts';
import { parseResourceId } from '../values/resource-id.ts';
import { carelessInterface, type DemoUser, demoInterface } from './demo-accounts.ts';

/** Of whom the EHR of the demo reports: as the mix falls, and nobody who is there to be looked at. */
const reported = ['demo-p-000061', 'demo-p-000063', 'demo-p-000065'];

/** What a careless reporter leaves out or gets wrong. */
const slips: readonly ((message: string) => string)[] = [
  (message) => message.replace(/^(PID(?:\|[^|\r]*){6})\|[^|\r]*/m, '$1|'),
  (message) => message.replace('|2.5.1|', '|9.9|'),
  (message) => message.replace(/^RXA(.*)\|140\^/m, 'RXA$1|NOVACCINE^'),
  (message) => message.replace(/^PID\|[^\r]*\r/m, ''),
];

/** What a request is sent to without a socket. */
type Injected = {
  readonly inject: (request: {
    readonly method: 'POST';
    readonly url: string;
    readonly headers: Record<string, string>;
    readonly payload: string;
  }) => Promise<unknown>;
};

/** Two reporters to look at: one whose messages are whole, and one whose are not. */
export async function sendDemoReports(
  server: Injected,
  ctx: InteractionContext,
  users: readonly DemoUser[],
): Promise<void> {
  const today = ctx.clock.today();
  const send = async (login: string, payload: string) => {
    const password = users.find((user) => user.login === login)?.password ?? '';
    const authorization = `Basic ${Buffer.from(`${login}:${password}`).toString('base64')}`;
    const headers = { 'content-type': 'application/hl7-v2', authorization };
    await server.inject({ method: 'POST', url: '/hl7v2', headers, payload });
  };
  for (const [nth, text] of reported.entries()) {
    const id = parseResourceId(text);
    const found = id && (await ctx.view.read({ type: 'Patient', id }));
    if (found?.text === undefined) continue;
    const person = JSON.parse(found.text) as Patient;
    await send(demoInterface, demoMessage({ person, today, controlId: `DEMO-${nth + 1}` }));
    for (const [at, slip] of slips.entries()) {
      const controlId = `CARELESS-${nth * slips.length + at + 1}`;
      await send(carelessInterface, slip(demoMessage({ person, today, controlId })));
    }
  }
}
