import { type InteractionContext, withCaller } from '../../src/interaction/context.ts';
import { answersOf } from '../../src/open-messages.ts';
import { shippedGuide } from '../../src/shipped/v2-guide.ts';
import { shippedMapping } from '../../src/shipped/v2-mapping.ts';
import type { Store } from '../../src/store/contract/store.ts';
import { messageSettings } from '../http/open-test-server.ts';

/** Who answers the messages of an import, and who they come from. */
export function messagesOf(ctx: InteractionContext, store: Store) {
  const answer = answersOf({
    config: { ...messageSettings, publicUrl: 'http://jenner.test' },
    store,
    context: ctx,
    contextFor: (caller) => withCaller(ctx, caller),
    guide: shippedGuide(),
    mapping: shippedMapping(),
    operations: [],
    log: { warn: () => undefined, failed: () => undefined },
  });
  return { answer, account: { name: 'cli:test', organizations: [], callerAs: () => ctx.caller } };
}
