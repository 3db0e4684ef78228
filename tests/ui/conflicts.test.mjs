// Two machines change the same files: nothing is lost, and each of the four ways out works.

import assert from 'node:assert/strict';
import { readFileSync, readdirSync } from 'node:fs';
import path from 'node:path';
import test from 'node:test';
import { IN_SYNC, openLinked } from './lib/flows.mjs';
import { eventually } from './lib/processes.mjs';
import { writeFiles } from './lib/repository.mjs';

const NAMES = ['keep.txt', 'take.txt', 'both.txt', 'merge.txt'];
const text = (/** @type {string} */ who) => `begin\n${who} was here\nend\n`;
/** @param {string} who */
const files = who => Object.fromEntries(NAMES.map(name => [name, text(who)]));

test('a conflict is shown, and is settled by keeping, taking, keeping both, or merging', async t => {
  const window = await openLinked(t, 'conflicts', files('nobody'), { settings: { 'mikura.autoSync.mode': 'off' } });
  const { workbench, workspace } = window;
  const { sourceControl } = workbench;
  const here = (/** @type {string} */ name) => readFileSync(path.join(workspace, name), 'utf8');
  await workbench.statusBecomes(IN_SYNC, 30000);
  const laptop = await window.repository.clone('laptop');
  await laptop.publish(files('laptop'), 'From the laptop');
  writeFiles(workspace, files('desk'));

  await sourceControl.open();
  await workbench.run('mikura.sync', 'Mikura: Sync');
  await sourceControl.shows('Conflicts', 40000);
  await workbench.statusBecomes(/4 conflicts/);
  for (const name of NAMES) assert.equal(here(name), text('desk'), 'the own file stays as it is');
  await workbench.notifications.appears(/4 files were changed here/);
  await window.screenshot('four-conflicts');

  await sourceControl.choose('keep.txt', "Keep This Computer's File");
  await sourceControl.lacks('keep.txt, Conflict');
  await workbench.notifications.appears(/3 files were changed here/);
  assert.equal(here('keep.txt'), text('desk'));

  await sourceControl.choose('take.txt', "Take the Repository's File");
  await workbench.confirm('Replace File');
  await sourceControl.lacks('take.txt, Conflict');
  assert.equal(here('take.txt'), text('laptop'));

  await sourceControl.choose('both.txt', 'Keep Both Files');
  await sourceControl.lacks('both.txt, Conflict');
  assert.equal(here('both.txt'), text('desk'));
  const beside = readdirSync(workspace).filter(name => name.includes('both') && name !== 'both.txt');
  assert.equal(beside.length, 1, `the other file lies beside it: ${beside}`);
  assert.equal(here(beside[0]), text('laptop'));
  await window.screenshot('one-left');

  await sourceControl.choose('merge.txt', 'Resolve in Merge Editor');
  await workbench.editors.merge.waitFor();
  await eventually('both sides are shown', async () => (await workbench.editors.merge.locator('.code-view.input').count()) === 2);
  await workbench.editors.acceptSide('Repository');
  await workbench.editors.appendToResult('merged by hand');
  await window.screenshot('merge-editor');
  await workbench.editors.titleAction(/Complete Merge/).click();
  await sourceControl.lacks('merge.txt, Conflict');
  await workbench.notifications.vanishes(/changed here and on another computer/);
  assert.equal(here('merge.txt'), `${text('laptop')}merged by hand`);

  await workbench.run('mikura.sync', 'Mikura: Sync');
  await workbench.statusBecomes(IN_SYNC, 40000);
  await laptop.machine.sync(laptop.folder);
  for (const name of [...NAMES, beside[0]]) assert.equal(readFileSync(path.join(laptop.folder, name), 'utf8'), here(name), `${name} is the same on both machines`);
  assert.deepEqual(readdirSync(workspace).filter(name => name.startsWith('conflict-') && name !== beside[0]), [], 'no conflict copy is left');
  await window.screenshot('settled');
});

test('the notice of a conflict leads to the ways out, and goes when the conflict is settled elsewhere', async t => {
  const window = await openLinked(t, 'notice', { 'a (1).txt': text('nobody') }, { settings: { 'mikura.autoSync.mode': 'onSave' } });
  const { workbench, workspace } = window;
  await workbench.statusBecomes(IN_SYNC, 30000);
  const laptop = await window.repository.clone('laptop');
  await laptop.publish({ 'a (1).txt': text('laptop') });
  writeFiles(workspace, { 'a (1).txt': text('desk') });
  const notice = await workbench.notifications.appears(/a \(1\)\.txt was changed here and on another computer/, 40000);
  await window.screenshot('notice');
  await notice.getByRole('link', { name: 'Resolve' }).click();
  await workbench.quickInput.shows('Keep the file of this computer');
  await window.screenshot('ways-out');
  await window.page.keyboard.press('Escape');
  await workbench.quickInput.closed();
  await notice.waitFor();
  await window.repository.machine('here').mikura(workspace, 'resolve', '--keep-local', 'a (1).txt');
  await workbench.notifications.vanishes(/changed here and on another computer/);
  await workbench.statusBecomes(IN_SYNC, 40000);
  await window.screenshot('gone');
});
