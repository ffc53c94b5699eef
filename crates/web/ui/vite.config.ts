import { fileURLToPath } from 'node:url';
import tailwindcss from '@tailwindcss/vite';
import react from '@vitejs/plugin-react';
import { defineConfig } from 'vitest/config';
import { bundleBudget } from './build/bundle-budget.ts';
import { gzipAssets } from './build/gzip-assets.ts';

const api = process.env.MAGNETIQ_DEV_API ?? 'http://127.0.0.1:3036';
const port = Number(process.env.MAGNETIQ_DEV_PORT ?? 8036);

const routerForProduction = fileURLToPath(
  new URL('./node_modules/react-router/dist/production/index.mjs', import.meta.url),
);

// The Host header stays as the browser sent it: the server compares it with Origin on every write.
const toApi = { target: api, changeOrigin: false };

export default defineConfig(({ command }) => ({
  plugins: [
    react(),
    tailwindcss(),
    bundleBudget({ limitBytes: 90 * 1000 }),
    gzipAssets({ minBytes: 1024 }),
  ],
  resolve: {
    // The router's package leads every bundler to its development build, with all its warnings.
    alias:
      command === 'build' ? [{ find: /^react-router$/, replacement: routerForProduction }] : [],
  },
  server: {
    port,
    strictPort: true,
    // Not `localhost`, which is only ::1 on some machines.
    host: '127.0.0.1',
    proxy: {
      '^/(api|media|health)/': toApi,
      '^/(livez|healthz|readyz|startupz|health|metrics|(feed|sitemap)\\.xml|robots\\.txt)$': toApi,
    },
  },
  build: {
    // The oldest browsers that know `light-dark()`, on which the two themes rest.
    target: ['chrome123', 'firefox120', 'safari17.5'],
    // Nothing is inlined: the page must run under `default-src 'self'`.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
  },
  test: {
    environment: 'jsdom',
    setupFiles: ['src/test/setup.ts'],
    restoreMocks: true,
    testTimeout: 20_000,
  },
}));
