import { fileURLToPath } from 'node:url'
import react from '@vitejs/plugin-react'
import { defineConfig } from 'vite'

export default defineConfig({
  root: fileURLToPath(new URL('.', import.meta.url)),
  plugins: [react()],
  // The workspaces are read from their TypeScript sources, so that no package has to be built first.
  resolve: { conditions: ['source', 'module', 'browser', 'development|production'] },
  build: {
    outDir: 'dist',
    emptyOutDir: true,
    target: 'es2024',
    cssTarget: ['chrome125', 'firefox128', 'safari17.5'],
    // The content policy allows fonts and pictures from this origin only, not from data: addresses.
    assetsInlineLimit: 0,
    reportCompressedSize: false,
  },
})
