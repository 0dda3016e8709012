/** Throws with what was found and what was expected, unless they are the same. */
export function expect(found, expected, what) {
  if (!Object.is(found, expected)) throw new Error(`${what}: ${found}, expected ${expected}`);
}

/** The error that `act` ends in; throws where it succeeds, or fails in another way than `isIt` accepts. */
export async function refuses(act, isIt = () => true) {
  try {
    await act();
  } catch (error) {
    if (!isIt(error)) throw error;
    return error;
  }
  throw new Error('was not refused');
}

/** How many of `count` acts begun at once succeed; a failure that `isLoss` does not accept is thrown. */
export async function winners(count, act, isLoss) {
  const results = await Promise.allSettled(Array.from({ length: count }, (_, n) => act(n)));
  for (const { reason } of results) if (reason !== undefined && !isLoss(reason)) throw reason;
  return results.filter(({ status }) => status === 'fulfilled').length;
}
