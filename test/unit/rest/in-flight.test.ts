import { setImmediate as nextRound } from 'node:timers/promises';
import Fastify from 'fastify';
import { expect, it } from 'vitest';
import { boundFlight, usualBounds } from '../../../src/rest/in-flight.ts';
import { nextTurn } from '../../../src/values/turns.ts';

it('refuses those past the bound one a turn, where this one is full', async () => {
  const app = Fastify();
  boundFlight(app, { ...usualBounds, requests: 0 });
  app.get('/', () => 'here');
  await app.ready();
  await nextRound();
  void nextTurn();
  const until = performance.now() + 40;
  while (performance.now() < until);
  const order: string[] = [];
  const asked = [1, 2, 3].map(async () => {
    const { statusCode } = await app.inject('/');
    order.push(statusCode === 200 ? 'here' : 'refused');
  });
  const rounds = (async () => {
    for (let round = 0; round < 6; round++) {
      await nextRound();
      order.push('round');
    }
  })();
  await Promise.all([...asked, rounds]);
  expect(order.filter((each) => each !== 'round')).toEqual(['refused', 'refused', 'refused']);
  expect(order.join(' ')).not.toMatch(/refused refused/);
});

it.each([
  ['a large body in a later turn than that in which it was put together', 3 * 1024 * 1024, 1],
  ['a small one in the same', 1000, 0],
])('looks at %s', async (_what, length, least) => {
  const app = Fastify();
  boundFlight(app, usualBounds);
  let rounds = 0;
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('*', { parseAs: 'buffer' }, (_request, body, done) => {
    void nextRound().then(() => rounds++);
    done(null, body);
  });
  let seen: number | undefined;
  app.post('/', { bodyLimit: 1e7 }, () => {
    seen = rounds;
    return 'here';
  });
  await app.ready();
  await nextRound();
  await app.inject({
    method: 'POST',
    url: '/',
    headers: { 'content-type': 'a/b' },
    payload: 'x'.repeat(length),
  });
  expect(seen).toBe(least);
});
