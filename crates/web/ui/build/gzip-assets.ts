import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Plugin } from 'vite';
import { gzip } from './gzip.ts';

const TEXT = /\.(html|js|css|svg|json|txt|webmanifest)$/;

/** Writes a `.gz` beside each text file of the build, so that the server never compresses at run time. */
export function gzipAssets({ minBytes }: { minBytes: number }): Plugin {
  let outDir = 'dist';
  return {
    name: 'gzip-assets',
    apply: 'build',
    configResolved(config) {
      outDir = join(config.root, config.build.outDir);
    },
    async closeBundle() {
      for (const name of readdirSync(outDir, { recursive: true, encoding: 'utf8' })) {
        const path = join(outDir, name);
        if (!TEXT.test(name) || statSync(path).size <= minBytes) continue;
        writeFileSync(`${path}.gz`, await gzip(readFileSync(path)));
      }
    },
  };
}
