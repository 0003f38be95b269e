import { resolve } from 'node:path';
import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';

/** The pages are built into build/web and served by the server itself, so that nothing is fetched from anywhere else. */
export default defineConfig({
  root: resolve(import.meta.dirname, 'src/web'),
  base: '/app/',
  plugins: [react()],
  build: {
    outDir: resolve(import.meta.dirname, 'build/web'),
    emptyOutDir: true,
    sourcemap: true,
    rollupOptions: {
      input: {
        clinician: resolve(import.meta.dirname, 'src/web/clinician/index.html'),
        family: resolve(import.meta.dirname, 'src/web/family/index.html'),
        coordinator: resolve(import.meta.dirname, 'src/web/coordinator/index.html'),
      },
    },
  },
});
