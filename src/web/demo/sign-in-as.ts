import type { FastifyInstance } from 'fastify';

/**
 * Signs in by the same page that people use, since the demo has no door of its own: answers the cookies of the new
 * session. When the page does not let the user in, whose password may be another by now, those of a session that nobody
 * has signed in to: the person is asked then.
 */
export async function signInAs(
  app: FastifyInstance,
  { login, password }: { readonly login: string; readonly password: string },
): Promise<string[]> {
  const url = '/auth/sign-in';
  const page = await app.inject({ method: 'GET', url });
  const csrf = /name="csrf" value="([^"]*)"/.exec(page.body)?.[1] ?? '';
  const answer = await app.inject({
    method: 'POST',
    url,
    headers: {
      cookie: cookiesOf(page.headers['set-cookie']).map(pairOf).join('; '),
      'content-type': 'application/x-www-form-urlencoded',
    },
    payload: new URLSearchParams({ csrf, login, password, next: '/app' }).toString(),
  });
  const { headers } = answer.statusCode === 303 ? answer : page;
  return cookiesOf(headers['set-cookie']);
}

function cookiesOf(header: string | string[] | undefined): string[] {
  return header === undefined ? [] : [header].flat();
}

function pairOf(cookie: string): string {
  return cookie.split(';')[0] ?? '';
}
