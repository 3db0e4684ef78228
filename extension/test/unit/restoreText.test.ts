// What a restore and the guard say: only what happens, in words that fit the number.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { restoreEffects, restorePlan, restoreVerb } from '../../src/commands/restoreText';
import { massChangeText } from '../../src/commands/sync';
import type { Action, EntryKind } from '../../src/engine/protocol';

const action = (name: Action['action'], path: string, kind: EntryKind = 'file'): Action => ({
  action: name,
  path,
  kind,
  size: 1,
});
const created = (path: string, kind?: EntryKind) => action('download_new', path, kind);
const replaced = (path: string, kind?: EntryKind) => action('download_changed', path, kind);
const deleted = (path: string, kind?: EntryKind) => action('delete_local', path, kind);

test('every kind of restore is told in words, without a zero', () => {
  const cases: [string, Action[], string[], string][] = [
    ['nothing', [], [], 'Restore'],
    ['one file', [replaced('a')], ['Replaced: 1 file'], 'Restore File'],
    ['files', [created('a'), created('b'), replaced('c')], ['Created: 2 files', 'Replaced: 1 file'], 'Restore 3 files'],
    ['a removal', [deleted('a')], ['Deleted: 1 file'], 'Delete File'],
    ['removals', [deleted('a'), deleted('b')], ['Deleted: 2 files'], 'Delete 2 files'],
    ['both', [replaced('a'), deleted('b')], ['Replaced: 1 file', 'Deleted: 1 file'], 'Restore 2 files'],
    ['an empty folder', [created('d', 'directory')], ['Created: 1 folder'], 'Restore Folder'],
    [
      'folders',
      [created('d', 'directory'), deleted('e', 'directory')],
      ['Created: 1 folder', 'Deleted: 1 folder'],
      'Restore 2 folders',
    ],
    ['a folder that goes', [deleted('e', 'directory')], ['Deleted: 1 folder'], 'Delete Folder'],
    ['a folder with its file', [created('d', 'directory'), created('d/f')], ['Created: 1 file'], 'Restore File'],
    [
      'a file and a folder',
      [created('f'), deleted('e', 'directory')],
      ['Created: 1 file', 'Deleted: 1 folder'],
      'Restore 1 file',
    ],
    ['times', [action('metadata_local', 'a')], ['Only times or permissions change.'], 'Restore'],
    ['of a folder', [replaced('d', 'directory')], ['Only times or permissions change.'], 'Restore'],
    ['times beside a file', [action('metadata_local', 'a'), replaced('b')], ['Replaced: 1 file'], 'Restore File'],
    ['a link', [created('l', 'symlink')], ['Created: 1 file'], 'Restore File'],
  ];
  for (const [name, actions, effects, verb] of cases) {
    const plan = restorePlan(actions);
    assert.deepEqual(restoreEffects(plan), effects, name);
    assert.equal(restoreVerb(plan), verb, name);
  }
});

test('the guard speaks only of what would be lost', () => {
  for (const here of [true, false]) {
    for (const [gone, changed] of [
      [5, 0],
      [0, 5],
      [1, 2],
    ] as const) {
      const text = massChangeText(here, gone, changed, 'notes');
      assert.doesNotMatch(text, /\b0 files/);
      assert.equal(/delete/.test(text), gone > 0);
      assert.equal(/replace/.test(text), changed > 0);
      assert.equal(/repository of notes/.test(text), !here);
    }
  }
});
