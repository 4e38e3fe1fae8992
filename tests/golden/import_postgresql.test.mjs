// The import's tests once more, with the database on PostgreSQL.
import { test } from 'node:test';
import { onPostgresql } from '../support/databases.mjs';

const { is, why } = onPostgresql();
if (is) await import('./import.test.mjs');
else test('import on PostgreSQL', { skip: why }, () => {});
