// Every day: save, look back, bring back.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import test from 'node:test';
import { IN_SYNC, openLinked } from './lib/flows.mjs';
import { eventually } from './lib/processes.mjs';

const NOTES = 'first line\nsecond line\n';

test('a saved file becomes a version; the history shows what changed, and a restore brings the old text back', async t => {
  const window = await openLinked(t, 'history', { 'notes.md': NOTES, 'other.txt': 'other\n' });
  const { workbench } = window;
  await workbench.statusBecomes(IN_SYNC, 30000);
  await workbench.history.open();
  const before = await eventually('the first version', () => workbench.history.versions.count());

  await workbench.editors.open('notes.md');
  await workbench.editors.append('notes.md', 'third line');
  await workbench.editors.save();
  await eventually('a second version', async () => (await workbench.history.versions.count()) > before, 30000);
  await workbench.statusBecomes(IN_SYNC);
  await window.screenshot('second-version');

  await workbench.history.expand(0);
  await workbench.history.row('notes.md').click();
  await workbench.editors.diff.first().waitFor();
  await eventually('both sides of the difference', async () =>
    /third line/.test(await workbench.editors.diffText('modified')) && !/third line/.test(await workbench.editors.diffText('original')));
  await window.screenshot('diff');

  const versions = await window.repository.machine('here').mikura(window.workspace, 'log', '--json');
  assert.equal(JSON.parse(versions).versions.length, 2);
  await workbench.history.chooseAt(1, 'Restore All Files');
  await workbench.confirm(/Restore/);
  await eventually('the old text is back', () => readFileSync(path.join(window.workspace, 'notes.md'), 'utf8') === NOTES);
  await window.screenshot('restored');
});

test('a message names the version, a change can be looked at and discarded, and the gutter marks it', async t => {
  const window = await openLinked(t, 'changes', { 'notes.md': NOTES }, { settings: { 'mikura.autoSync.mode': 'off' } });
  const { workbench } = window;
  await workbench.statusBecomes(IN_SYNC, 30000);
  await workbench.editors.open('notes.md');
  await workbench.editors.append('notes.md', 'third line');
  await workbench.editors.save();
  await workbench.sourceControl.open();
  await workbench.sourceControl.shows('notes.md');
  await workbench.statusBecomes(/1 change/);
  await window.page.locator('.dirty-diff-glyph').first().waitFor();
  await window.screenshot('change');
  await workbench.sourceControl.row('notes.md').click();
  await workbench.editors.diff.first().waitFor();
  await workbench.editors.titleAction(/Open File/).waitFor();
  await window.screenshot('change-diff');
  await workbench.sourceControl.message('Three lines');
  await window.page.keyboard.press('Control+Enter');
  await workbench.sourceControl.lacks('notes.md');
  await workbench.statusBecomes(IN_SYNC);
  await workbench.history.open();
  await workbench.history.shows('Three lines');

  await workbench.editors.append('notes.md', ' and a mistake');
  await workbench.editors.save();
  await workbench.sourceControl.open();
  await workbench.sourceControl.click('notes.md', 'Discard Changes');
  await workbench.confirm(/Discard/);
  await eventually('the mistake is gone', () => !readFileSync(path.join(window.workspace, 'notes.md'), 'utf8').includes('mistake'));
  await workbench.sourceControl.lacks('notes.md');
  await window.screenshot('discarded');
});
