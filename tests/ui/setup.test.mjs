// From a folder to a working repository, as a newcomer does it.

import assert from 'node:assert/strict';
import { existsSync, readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import test from 'node:test';
import { IN_SYNC } from './lib/flows.mjs';
import { eventually } from './lib/processes.mjs';
import { Machine, writeFiles } from './lib/repository.mjs';
import { openWindow } from './lib/window.mjs';

const FILES = { 'notes.md': '# Notes\n', 'src/main.py': 'print("hello")\n' };

test('a newcomer creates a repository in a folder, keeps the recovery kit, and it opens the repository elsewhere', async t => {
  const window = await openWindow(t, 'create', { prepare: async ({ workspace }) => writeFiles(workspace, FILES) });
  const { workbench, repository } = window;
  const { quickInput } = workbench;
  await workbench.history.open();
  await workbench.welcome.getByRole('button', { name: 'Create Repository' }).waitFor();
  await window.screenshot('welcome');
  await workbench.welcome.getByRole('button', { name: 'Create Repository' }).click();

  await quickInput.pick('S3 bucket');
  await quickInput.shows('Default credentials');
  await quickInput.back();
  await window.screenshot('where');
  await quickInput.pick('On this computer');
  await quickInput.enter('not/absolute', { refused: true });
  await quickInput.complains(/absolute path/);
  await window.screenshot('complaint');
  await quickInput.enter(path.join(window.workspace, 'inside'), { refused: true });
  await quickInput.complains(/must not lie in the workspace/);
  await quickInput.enter(repository.store);
  await quickInput.shows('Generate a key');
  await window.screenshot('key');
  await quickInput.pick('Generate a key');
  await quickInput.pick('In the keychain');

  const kit = window.folder('recovery kit.txt');
  await window.workbench.saveRecoveryKit(kit);
  await workbench.statusBecomes(IN_SYNC, 40000);
  await window.screenshot('ready');

  assert.ok(existsSync(path.join(repository.store, 'HEAD')), 'the store holds a repository');
  assert.equal(statSync(kit).mode & 0o777, 0o600, 'only its owner can read the recovery kit');
  assert.match(readFileSync(kit, 'utf8'), /^MIKURA-KEY-1/m);
  await workbench.history.open();
  await eventually('the first version is in the history', () => workbench.history.versions.count());
  const elsewhere = new Machine(window.folder('other home'), kit, 'elsewhere');
  await elsewhere.mikura(window.root, 'clone', repository.url, window.folder('elsewhere'));
  assert.equal(readFileSync(window.folder('elsewhere/src/main.py'), 'utf8'), FILES['src/main.py']);
  await window.screenshot('history');
});

test('a folder is connected to a repository that exists; a wrong key is refused and changes nothing', async t => {
  const window = await openWindow(t, 'connect', {
    prepare: async ({ root, repository }) => void (await repository.create(path.join(root, 'theirs'), FILES)),
  });
  const { workbench, repository } = window;
  const { quickInput } = workbench;
  await workbench.run('mikura.connectRepository', 'Connect to Repository');
  await quickInput.pick('On this computer');
  await quickInput.enter(repository.store);
  await quickInput.secret('MIKURA-KEY-1-HALF-OF-IT', { refused: true });
  await quickInput.complains(/not a key of Mikura/);
  await quickInput.secret(await repository.wrongKey(), { refused: true });
  await quickInput.complains(/does not open the repository/);
  await window.screenshot('wrong-key');
  assert.ok(!existsSync(path.join(window.workspace, '.mikura')), 'the folder is not linked yet');
  await quickInput.secret(repository.key());
  await quickInput.pick('Only until this window closes');
  await workbench.statusBecomes(IN_SYNC, 40000);
  await eventually('their files are here', () => existsSync(path.join(window.workspace, 'src/main.py')));
  await window.screenshot('connected');
});
