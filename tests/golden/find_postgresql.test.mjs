// The search's tests once more, with the database on PostgreSQL.
import { test } from 'node:test';
import { onPostgresql } from '../support/databases.mjs';

const { is, why } = onPostgresql();
if (is) await import('./find.test.mjs');
else test('find on PostgreSQL', { skip: why }, () => {});
