import type { Plugin } from 'vite';
import { gzip } from './gzip.ts';

type Chunk = { fileName: string; code: string; imports: string[]; isEntry: boolean };

const kib = (bytes: number) => `${(bytes / 1024).toFixed(1)} KiB`;

/** Prints what a visitor downloads before the first page shows, and fails the build when it grows over the limit. */
export function bundleBudget({ limitBytes }: { limitBytes: number }): Plugin {
  let summary = '';
  return {
    name: 'bundle-budget',
    apply: 'build',
    async generateBundle(_options, bundle) {
      const chunks = new Map<string, Chunk>();
      for (const item of Object.values(bundle)) {
        if (item.type === 'chunk') chunks.set(item.fileName, item);
      }

      const first = new Set<string>();
      const follow = (fileName: string) => {
        const chunk = chunks.get(fileName);
        if (!chunk || first.has(fileName)) return;
        first.add(fileName);
        chunk.imports.forEach(follow);
      };
      for (const chunk of chunks.values()) if (chunk.isEntry) follow(chunk.fileName);

      let publicBytes = 0;
      let laterBytes = 0;
      for (const chunk of chunks.values()) {
        const size = (await gzip(Buffer.from(chunk.code))).length;
        if (first.has(chunk.fileName)) publicBytes += size;
        else laterBytes += size;
      }
      summary =
        `public JavaScript ${kib(publicBytes)} gzip (limit ${kib(limitBytes)}), ` +
        `admin ${kib(laterBytes)} more`;
      if (publicBytes > limitBytes) this.error(`bundle too large: ${summary}`);
    },
    closeBundle() {
      if (summary) console.info(summary);
    },
  };
}
