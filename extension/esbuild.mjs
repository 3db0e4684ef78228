// Bundles the extension (dist/extension.js) or, with --tests, its unit tests (out/test/*.test.js);
// with --host-tests, what VS Code runs in its own extension host (out/host/index.js).
// --production: minified and without source maps, as packaged. --watch: again at every change.

import * as esbuild from 'esbuild';
import { readdirSync, rmSync } from 'node:fs';

const has = flag => process.argv.includes(flag);
const common = {
  bundle: true,
  platform: 'node',
  format: 'cjs',
  target: 'node20',
  logLevel: 'warning',
};

const extension = {
  ...common,
  entryPoints: ['src/extension.ts'],
  outfile: 'dist/extension.js',
  external: ['vscode'],
  sourcemap: !has('--production'),
  minify: has('--production'),
  legalComments: 'none',
};

const tests = () => ({
  ...common,
  entryPoints: [
    ...readdirSync('test/unit')
      .filter(name => name.endsWith('.test.ts'))
      .map(name => `test/unit/${name}`),
    'test/fakes/fakeEngine.ts',
  ],
  outdir: 'out/test',
  entryNames: '[name]',
  sourcemap: 'inline',
  alias: { vscode: './test/fakes/vscode.ts' },
  // The stand-in has only what the tests use.
  logOverride: { 'import-is-undefined': 'silent' },
});

const hostTests = {
  ...common,
  entryPoints: ['test/host/index.ts'],
  outfile: 'out/host/index.js',
  external: ['vscode'],
  sourcemap: 'inline',
};

if (has('--host-tests')) {
  await esbuild.build(hostTests);
} else if (has('--tests')) {
  rmSync('out/test', { recursive: true, force: true });
  await esbuild.build(tests());
} else if (has('--watch')) {
  await (await esbuild.context(extension)).watch();
} else {
  rmSync('dist', { recursive: true, force: true });
  await esbuild.build(extension);
}
