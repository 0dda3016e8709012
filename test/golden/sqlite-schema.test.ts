import { expect, it } from 'vitest';
import { openForWriting } from '../../src/store/sqlite/open-connections.ts';

it('is the schema that the migrations make', async () => {
  const db = openForWriting(':memory:');
  const rows = db.all('SELECT sql FROM sqlite_schema WHERE sql IS NOT NULL ORDER BY type DESC, name', []);
  const schema = rows.map((row) => `${row['sql']};\n`).join('\n');
  db.close();
  await expect(schema).toMatchFileSnapshot('sqlite-schema.sql');
});
