// The server's tests once more, with the database on PostgreSQL.
import { test } from 'node:test';
import { onPostgresql } from '../support/databases.mjs';

const { is, why } = onPostgresql();
if (is) await import('./serve.test.mjs');
else test('serve on PostgreSQL', { skip: why }, () => {});
