import test from 'node:test';
import { openWindow } from './lib/window.mjs';

test('the installed extension shows its status item', async t => {
  const window = await openWindow(t, 'window', { prepare: async ({ workspace, repository }) => repository.create(workspace, { 'a.txt': 'one\n' }) });
  await window.screenshot('ready');
});
