// Other languages, other kinds of workspaces, other colours.

import assert from 'node:assert/strict';
import path from 'node:path';
import test from 'node:test';
import { IN_SYNC, openLinked } from './lib/flows.mjs';
import { eventually } from './lib/processes.mjs';
import { writeFiles } from './lib/repository.mjs';
import { openWindow } from './lib/window.mjs';
import { KEY_NEEDED } from './pages/workbench.mjs';

test('in Japanese, everything of ours speaks Japanese', async t => {
  const window = await openWindow(t, 'japanese', { locale: 'ja', prepare: async ({ workspace, repository }) => void (await repository.create(workspace, { 'メモ.md': '一行目\n' })) });
  const { workbench } = window;
  await workbench.history.open();
  await workbench.statusBecomes(/鍵/, 30000);
  await window.screenshot('key');
  await workbench.enterKey(window.repository.key());
  await workbench.statusBecomes(/同期/, 30000);
  writeFiles(window.workspace, { 'メモ.md': '一行目\n二行目\n' });
  await workbench.quickInput.openPalette('Mikura');
  const labels = await workbench.quickInput.rows.allInnerTexts();
  assert.ok(labels.length > 5 && labels.every(label => /[\u3040-\u30ff\u4e00-\u9fff]/.test(label)), `untranslated: ${labels.filter(label => !/[\u3040-\u30ff\u4e00-\u9fff]/.test(label))}`);
  await window.screenshot('palette');
  await workbench.quickInput.cancel();
  await workbench.status.click();
  await workbench.quickInput.shows('今すぐ同期');
  await window.screenshot('menu');
});

test('in a multi-root workspace each folder has a repository of its own', async t => {
  const window = await openWindow(t, 'multi-root', {
    folders: ['first', 'second', 'plain'],
    settings: { 'mikura.autoSync.mode': 'off' },
    prepare: async ({ root, repository }) => {
      await repository.create(path.join(root, 'first'), { 'a.txt': 'one\n' });
      const second = repository.machine('second machine');
      await second.mikura(root, 'clone', repository.url, path.join(root, 'second'));
      writeFiles(path.join(root, 'plain'), { 'p.txt': 'no repository\n' });
    },
  });
  const { workbench } = window;
  await workbench.statusBecomes(KEY_NEEDED, 30000);
  await workbench.run('mikura.key.enter', 'Enter Key');
  await workbench.quickInput.pick('second');
  await workbench.quickInput.secret(window.repository.key());
  await workbench.quickInput.pick('In the keychain');
  await workbench.statusBecomes(IN_SYNC, 30000);
  writeFiles(window.folder('second'), { 'b.txt': 'two\n' });
  await workbench.sourceControl.open();
  await workbench.run('mikura.refresh', 'Mikura: Refresh');
  await workbench.sourceControl.shows('b.txt');
  await window.screenshot('providers');
  await workbench.history.open();
  await workbench.history.shows('second');
  await eventually('a version of each', async () => (await workbench.history.rows.count()) >= 4);
  await window.screenshot('history');
});

test('in an untrusted workspace no engine runs, and the view says why', async t => {
  const window = await openWindow(t, 'untrusted', {
    trusted: false, prepare: async ({ workspace, repository }) => void (await repository.create(workspace, { 'a.txt': 'one\n' })),
  });
  const { workbench, server } = window;
  await workbench.history.open();
  await workbench.welcome.getByText(/trusted workspaces only/).waitFor();
  assert.deepEqual(server.engines(), []);
  await window.screenshot('welcome');
});

test('an empty window asks for a folder', async t => {
  const window = await openWindow(t, 'empty', { folders: [] });
  await window.workbench.history.open();
  await window.workbench.welcome.getByRole('button', { name: 'Open Folder' }).waitFor();
  await window.screenshot('welcome');
});

for (const theme of /** @type {const} */ (['light', 'contrast', 'contrastLight'])) {
  test(`changes, conflicts and history with the theme ${theme}`, async t => {
    const window = await openLinked(t, `theme-${theme}`, { 'a.txt': 'one\n', 'b.txt': 'one\n' }, { theme, settings: { 'mikura.autoSync.mode': 'off' } });
    const { workbench } = window;
    await workbench.statusBecomes(IN_SYNC, 30000);
    const laptop = await window.repository.clone('laptop');
    await laptop.publish({ 'a.txt': 'laptop\n', 'c.txt': 'new\n' }, 'From the laptop');
    writeFiles(window.workspace, { 'a.txt': 'desk\n', 'b.txt': 'two\n', 'd.txt': 'new\n' });
    await workbench.run('mikura.sync', 'Mikura: Sync');
    await workbench.statusBecomes(/1 conflict/, 30000);
    writeFiles(window.workspace, { 'b.txt': 'three\n' });
    await workbench.sourceControl.open();
    await workbench.run('mikura.refresh', 'Mikura: Refresh');
    await workbench.sourceControl.shows('b.txt');
    await window.screenshot('source-control');
    await workbench.history.open();
    await workbench.history.expand(0);
    await window.screenshot('history');
  });
}
