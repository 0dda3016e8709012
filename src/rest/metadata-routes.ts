import { capabilityStatement } from './capability-statement.ts';
import type { RestOptions, Route } from './route.ts';
import { sendText } from './send.ts';

/** R4 http.html#capabilities. The statement is built once: it depends on nothing that changes while we run. */
export function metadataRoutes(options: RestOptions): readonly Route[] {
  const text = JSON.stringify(capabilityStatement(options));
  return [
    { method: 'GET', url: '/metadata', handle: (ctx, request, reply) => sendText(ctx, request, reply, text) },
  ];
}
