import { FetchError } from './auth/clients/fetch-json.ts';
import type { LaunchPort } from './auth/ehr/ehr-launch.ts';
import { newEhr, openEhrs } from './auth/ehr/ehr-records.ts';
import { newPublicId } from './auth/secrets/random-secret.ts';
import { demoClinic } from './cli/demo-accounts.ts';
import { ehrCharts, ehrStaff } from './demo/ehr-charts.ts';
import type { Store } from './store/contract/store.ts';
import type { LocalClock } from './values/clock.ts';
import { openStubEhr, type StubEhr } from './web/demo/stub-ehr.ts';

type DemoEhrPort = {
  readonly store: Store;
  readonly clock: LocalClock;
  readonly publicUrl: string;
  readonly people: number;
};

/**
 * The EHR from which the demo opens Jenner's own app, registered as `jenner ehr add` does it. The demo knows no other, and
 * asks it in this process: an address that it is given leads nowhere else.
 */
export async function addDemoEhr({ store, clock, publicUrl, people }: DemoEhrPort) {
  const charts = ehrCharts({ mode: 'demo', seed: 1, people, asOf: clock.today() });
  const clientId = newPublicId();
  const ehr = openStubEhr({
    url: `${publicUrl}/demo/lantern`,
    charts,
    staff: ehrStaff,
    clientId,
    redirect: `${publicUrl}/app/launch/callback`,
  });
  const input = {
    name: 'Lantern EHR',
    iss: ehr.iss,
    clientId,
    kind: 'public',
    organization: demoClinic,
    write: true,
  } as const;
  await openEhrs(store).add(newEhr(input, clock.now()));
  return {
    ehr,
    fetch: fetchFrom(ehr),
    charts: charts.map(({ patient: { id = '', name: [name] = [] }, shows }) => ({
      id,
      name: [...(name?.given ?? []), name?.family ?? ''].join(' '),
      shows,
    })),
  };
}

function fetchFrom(ehr: StubEhr): LaunchPort['fetch'] {
  return async (url, { method = 'GET', headers = {}, body, isWrite = false } = {}) => {
    if (!url.startsWith(`${ehr.url}/`)) throw new FetchError('no answer');
    const { authorization } = headers;
    const answer = ehr.answer({ method, path: url.slice(ehr.url.length), authorization, body });
    const isGood = answer.status === 200 || (isWrite && answer.status === 201);
    if (!isGood) throw new FetchError('the answer is no 200', { status: answer.status });
    return { json: answer.json, maxAge: undefined };
  };
}
