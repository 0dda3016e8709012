import { openSqliteStore } from '../../../src/store/sqlite/sqlite-store.ts';
import { change, reference, token } from '../../contract/fixtures.ts';

// Run as a process of its own, to be killed: writes units until then and names each that was acknowledged.
const [, , path = ''] = process.argv;
const store = await openSqliteStore({ path });
for (let first = 0; ; first += 20) {
  await Promise.all(
    Array.from({ length: 20 }, async (_, n) => {
      const unit = first + n;
      const changes = ['a', 'b', 'c', 'd', 'e'].map((part) =>
        change({
          id: `${unit}${part}`,
          index: { unit: [token(String(unit))], link: [reference('Patient', `${unit}a`)] },
        }),
      );
      await store.write({ changes, guards: [] });
      process.stdout.write(`${unit}\n`);
    }),
  );
}
