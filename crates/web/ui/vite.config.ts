import tailwindcss from '@tailwindcss/vite';
import react from '@vitejs/plugin-react';
import { defineConfig } from 'vitest/config';
import { bundleBudget } from './build/bundle-budget.ts';
import { gzipAssets } from './build/gzip-assets.ts';

const api = process.env.MAGNETIQ_DEV_API ?? 'http://127.0.0.1:3036';
const port = Number(process.env.MAGNETIQ_DEV_PORT ?? 8036);

// The Host header stays as the browser sent it: the server compares it with Origin on every write.
const toApi = { target: api, changeOrigin: false };

export default defineConfig({
  plugins: [
    react(),
    tailwindcss(),
    bundleBudget({ limitBytes: 90_000 }),
    gzipAssets({ minBytes: 1024 }),
  ],
  server: {
    port,
    strictPort: true,
    proxy: { '/api': toApi, '/media': toApi, '/livez': toApi, '/readyz': toApi, '/health': toApi },
  },
  build: {
    // The oldest browsers that know `light-dark()`, on which the two themes rest.
    target: ['chrome123', 'firefox120', 'safari17.5'],
    // Nothing is inlined: the page must run under `default-src 'self'`.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    rolldownOptions: {
      // None of our libraries does anything by merely reading or writing a property; knowing that drops the parts of
      // the router that are not used here.
      treeshake: { propertyReadSideEffects: false, propertyWriteSideEffects: false },
    },
  },
  test: {
    environment: 'jsdom',
    setupFiles: ['src/test/setup.ts'],
    restoreMocks: true,
  },
});
