import { afterEach } from 'vitest';
import { openTestServer, type TestServer, type TestServerOptions } from './open-test-server.ts';

/** Opens servers in the tests of a file, and closes them after each. `common`: what all of them are opened with. */
export function useServers(common: TestServerOptions): (own?: TestServerOptions) => Promise<TestServer> {
  const servers: TestServer[] = [];
  afterEach(async () => {
    for (const server of servers.splice(0)) await server.close();
  });
  return async (own = {}) => {
    const server = await openTestServer({ ...common, ...own });
    servers.push(server);
    return server;
  };
}
