import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { checks } from './de/checks';

const CRATES = join(import.meta.dirname, '../../../../..');

const read = (path: string) => readFileSync(join(CRATES, path), 'utf8');
const found = (source: string, pattern: RegExp) =>
  [...source.matchAll(pattern)].map(([, name = '']) => name);

const catalog = readdirSync(join(CRATES, 'health/src/catalog'))
  .map(file => read(`health/src/catalog/${file}`))
  .join('\n');
const kinds = new Set(found(catalog, /kind: "([a-z-]+)"/g));
const watches = ['health', 'outbox', 'media/variants'].map(part =>
  read(`api/src/${part}/watch.rs`),
);

/** The checks that run in the server: kinds of the catalog that it names, and the disks, which have names of its own. */
const watched = [
  ...watches.flatMap(source => found(source, /"([a-z-]+)"/g)).filter(name => kinds.has(name)),
  ...watches.flatMap(source => found(source, /const [A-Z_]+: &str = "([a-z-]+)"/g)),
].filter(name => name !== 'disk');

it('knows every check of the server, and no other', () => {
  expect(new Set(watched).size).toBeGreaterThan(20);
  expect(Object.keys(checks.of).sort()).toEqual([...new Set(watched)].sort());
});

it('knows what they measure', () => {
  const files = ['data', 'database', 'outbox', 'pictures', 'program', 'system'];
  const names = files.flatMap(file =>
    read(`health/src/catalog/${file}.rs`)
      .split('kind: "')
      .slice(1)
      .filter(entry => !/^(certificate|process)/.test(entry))
      .flatMap(entry => found(entry, /Measurement::new\(\s*"([a-z_]+)"/g)),
  );
  expect(names.length).toBeGreaterThan(40);
  expect(names.filter(name => !(name in checks.values))).toEqual([]);
});
