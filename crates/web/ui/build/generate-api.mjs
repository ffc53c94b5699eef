// Writes src/api/schema.d.ts from the API's description; with --check it only says whether the file is up to date.
import { readFileSync, writeFileSync } from 'node:fs';
import openapiTS, { astToString } from 'openapi-typescript';

const source = new URL('../../../api/openapi.json', import.meta.url);
const target = new URL('../src/api/schema.d.ts', import.meta.url);

const description = JSON.parse(readFileSync(source, 'utf8'));
const head = '// Made by `npm run generate` from crates/api/openapi.json. Do not edit.\n\n';
const types = head + astToString(await openapiTS(description));

if (!process.argv.includes('--check')) {
  writeFileSync(target, types);
} else if (readFileSync(target, 'utf8') !== types) {
  console.error(
    'src/api/schema.d.ts does not fit crates/api/openapi.json: run `npm run generate`.',
  );
  process.exit(1);
}
