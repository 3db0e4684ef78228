// The model of a folder: what it asks the engine, what it remembers, and the rows made from it.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { EngineError } from '../../src/engine/errors';
import type { Action, FolderState } from '../../src/engine/protocol';
import { FolderModel, visible } from '../../src/model/folder';
import { ignorePattern, isBeneath, toFilePath, toIndexPath } from '../../src/model/paths';
import { FolderRegistry } from '../../src/model/registry';
import { badgeCount, marksOf, originalOf, rowsOf } from '../../src/model/rows';
import { setupState, type Situation } from '../../src/model/setupState';
import { TableEngine, status } from '../fakes/engine';

const action = (kind: Action['action'], path: string, more: Partial<Action> = {}): Action => ({
  action: kind,
  path,
  kind: 'file',
  size: 1,
  ...more,
});
const state = (fields: Partial<FolderState> = {}): FolderState => ({
  folder: '/w',
  revision: 1,
  activity: 'idle',
  next_ms: null,
  paused_until_ms: null,
  last_sync: null,
  problem: null,
  watching: null,
  ...fields,
});
const conflict = (path: string) => ({
  path,
  copy: `conflict-1.${path}`,
  since_ms: 1,
  remote_version: 'v',
  remote_kind: 'file' as const,
});

async function opened(handlers: ConstructorParameters<typeof TableEngine>[0]) {
  const engine = new TableEngine({
    'folder/open': () => ({ linked: true, root: '/w', store: 'file:///s', repository: 'r' }),
    ...handlers,
  });
  const model = new FolderModel('/w', 'w', engine);
  await model.open();
  return { engine, model };
}

test('a new revision asks for the status once, the same one not again', async () => {
  const { engine, model } = await opened({ status: () => status({ local: [action('upload_new', 'a')] }) });
  model.applyState(state({ revision: 5 }));
  model.applyState(state({ revision: 5, activity: 'waiting' }));
  await model.refresh({ remote: false });
  assert.ok(engine.count('status') <= 2, 'calls during a call are joined');
  const before = engine.count('status');
  model.applyState(state({ revision: 5 }));
  await Promise.resolve();
  assert.equal(engine.count('status'), before);
  assert.deepEqual(
    model.changes.map(change => change.path),
    ['a'],
  );
});

test('the store is only asked after the engine has looked at it', async () => {
  const { engine, model } = await opened({ status: () => status() });
  model.applyState(state({ revision: 1 }));
  await model.refresh({ remote: false });
  assert.ok(
    engine.calls.every(
      call => call.method !== 'status' || (call.params as { check_remote: boolean }).check_remote === false,
    ),
  );
  model.applyState(state({ revision: 1, activity: 'checking' }));
  model.applyState(state({ revision: 2 }));
  await model.refresh({ remote: false });
  assert.ok(engine.calls.some(call => (call.params as { check_remote?: boolean }).check_remote === true));
});

test('incoming changes stay known through looks at the folder alone', async () => {
  let remote = true;
  const { model } = await opened({
    status: () => (remote ? status({ remote_checked: true, incoming: [action('download_new', 'n')] }) : status()),
  });
  await model.refresh({ remote: true });
  remote = false;
  await model.refresh({ remote: false });
  assert.deepEqual(
    model.incoming.map(change => change.path),
    ['n'],
  );
  model.noteIncoming([]);
  assert.deepEqual(model.incoming, []);
});

test('a missing key is remembered, and no remote look is tried until there is one', async () => {
  const { engine, model } = await opened({
    status: params => {
      if (params.check_remote) throw new EngineError('key_missing', 'no key');
      return status();
    },
  });
  await model.refresh({ remote: true });
  assert.equal(model.key, 'missing');
  const before = engine.calls.filter(call => (call.params as { check_remote?: boolean }).check_remote).length;
  await model.refresh({ remote: true });
  assert.equal(engine.calls.filter(call => (call.params as { check_remote?: boolean }).check_remote).length, before);
  model.noteKey('present');
  assert.equal(model.failure, undefined);
});

test('a code that was not given is remembered until the store has been reached, whatever happens in between', async () => {
  let given = false;
  const { model } = await opened({
    status: ({ check_remote }) => {
      if (check_remote && !given) throw new EngineError('mfa_missing', 'no code');
      return status({ remote_checked: check_remote === true });
    },
  });
  await model.refresh({ remote: true });
  assert.equal(model.failure?.code, 'mfa_missing');
  await model.refresh({ remote: false });
  model.applyState(state({ revision: 7, activity: 'waiting' }));
  await model.refresh({ remote: false });
  assert.equal(model.failure?.code, 'mfa_missing');
  given = true;
  await model.refresh({ remote: true });
  assert.equal(model.failure, undefined);
});

test('who asked for an operation is known', async () => {
  const { model } = await opened({});
  for (const background of [true, false])
    await model.run('sync', async () => assert.equal(model.operation?.background, background), background);
});

test('an operation shows while it runs, also when it fails, and cancelling is no failure', async () => {
  const { model } = await opened({});
  const seen: (string | undefined)[] = [];
  model.onDidChange(() => seen.push(model.operation?.kind));
  await assert.rejects(
    model.run('sync', async () => {
      throw new EngineError('cancelled', 'x');
    }),
  );
  assert.equal(seen[0], 'sync');
  assert.equal(model.operation, undefined);
  const code = () => model.failure?.code;
  assert.equal(code(), undefined);
  await assert.rejects(
    model.run('sync', async () => {
      throw new EngineError('denied', 'x');
    }),
  );
  assert.equal(code(), 'denied');
});

test('what a guard stopped is remembered if nobody was there to be asked', async () => {
  const { model } = await opened({});
  const refuse = async () => {
    throw new EngineError('refused', 'too much');
  };
  await assert.rejects(model.run('sync', refuse));
  const code = () => model.failure?.code;
  assert.equal(code(), undefined, 'who asked is told in a dialog');
  await assert.rejects(model.run('sync', refuse, true));
  assert.equal(code(), 'refused');
  const other = (await opened({ status: () => status() })).model;
  other.applyState(
    state({ activity: 'stopped', problem: { code: 'refused', message: 'too much', hint: '', retryable: false } }),
  );
  assert.equal(other.failure?.code, 'refused', "so is what stopped the engine's own sync");
});

test('a folder that cannot be opened says why and throws nothing', async () => {
  const model = new FolderModel(
    '/w',
    'w',
    new TableEngine({
      'folder/open': () => {
        throw new EngineError('io', 'unreadable');
      },
    }),
  );
  await model.open();
  assert.equal(model.failure?.code, 'io');
  assert.equal(model.linked, false);
});

test('rows: a conflict is no change, a rename is one row, times are none', async () => {
  const { model } = await opened({
    status: () =>
      status({
        remote_checked: true,
        conflicts: [conflict('c')],
        local: [
          action('upload_changed', 'c'),
          action('upload_new', 'new', { renamed_from: 'old' }),
          action('delete_remote', 'old'),
          action('upload_changed', 'm'),
        ],
        incoming: [action('metadata_local', 't'), action('download_changed', 'm'), action('delete_local', 'd')],
      }),
  });
  await model.refresh({ remote: true });
  const rows = rowsOf(model);
  assert.deepEqual(
    rows.conflicts.map(row => row.path),
    ['c'],
  );
  assert.deepEqual(
    rows.changes.map(row => [row.path, row.mark, row.renamedFrom]),
    [
      ['m', 'modified', undefined],
      ['new', 'renamed', 'old'],
    ],
  );
  assert.deepEqual(
    rows.incoming.map(row => [row.path, row.mark]),
    [
      ['d', 'incomingDeleted'],
      ['m', 'incomingModified'],
    ],
  );
  assert.equal(marksOf(rows).get('m')?.mark, 'modified', 'what was changed here comes before what is to come');
  assert.deepEqual(
    ['all', 'conflicts', 'off'].map(mode => badgeCount(rows, mode)),
    [3, 1, 0],
  );
  assert.equal(rowsOf(model), rows, 'the same rows as long as nothing was asked anew');
});

test('a file is compared with what was synced last: under its old name, or not at all if it is new', async () => {
  const { model } = await opened({
    status: () =>
      status({
        local: [
          action('upload_new', 'new'),
          action('upload_changed', 'changed'),
          action('upload_new', 'after', { renamed_from: 'before' }),
          action('delete_remote', 'before'),
        ],
        conflicts: [conflict('both')],
      }),
  });
  await model.refresh({ remote: false });
  const originals = ['new', 'changed', 'after', 'untouched', 'both', 'conflict-1.both'];
  assert.deepEqual(
    originals.map(path => originalOf(model, path)),
    [undefined, 'changed', 'before', 'untouched', 'both', undefined],
  );
  const marks = marksOf(rowsOf(model));
  assert.equal(marks.get('conflict-1.both')?.mark, 'conflictCopy');
  assert.equal(marks.get('conflict-1.both')?.conflict?.path, 'both', 'and it leads to its conflict');
  assert.equal(marksOf(rowsOf(model)), marks, 'made once');
});

test('a folder is listed only if nothing in it is', () => {
  const folder = { kind: 'directory' as const };
  const shown = visible([
    action('upload_new', 'a', folder),
    action('upload_new', 'a/b', folder),
    action('upload_new', 'a/b/f'),
    action('upload_new', 'empty', folder),
  ]);
  assert.deepEqual(
    shown.map(each => each.path),
    ['a/b/f', 'empty'],
  );
});

test('the registry follows the workspace, and the innermost folder owns a file', async () => {
  const engine = new TableEngine({
    'folder/open': ({ folder }) => ({ linked: true, root: folder, repository: folder }),
  });
  const registry = new FolderRegistry(engine);
  registry.update([
    { path: '/w', name: 'w' },
    { path: '/w/inner', name: 'inner' },
  ]);
  for (const model of registry.all) await model.open();
  assert.equal(registry.owner('/w/inner/a')?.folder, '/w/inner');
  assert.equal(registry.owner('/w/innermost')?.folder, '/w');
  assert.equal(registry.owner('/elsewhere'), undefined);
  const outer = registry.get('/w');
  const { added, removed } = registry.update([
    { path: '/w', name: 'w' },
    { path: '/v', name: 'v' },
  ]);
  assert.deepEqual([added.map(model => model.folder), removed.map(model => model.folder)], [['/v'], ['/w/inner']]);
  assert.equal(registry.get('/w'), outer, 'a folder that stays keeps its model');
  registry.applyState({ ...state(), folder: '/gone' });
});

test('paths go both ways, on both kinds of systems', () => {
  assert.equal(toIndexPath('/w/a/b.txt', '/w'), 'a/b.txt');
  assert.equal(toIndexPath('/wx/a', '/w'), undefined);
  assert.equal(toIndexPath('C:\\w\\a\\b', 'C:\\w'), 'a/b');
  assert.equal(toFilePath('a/b', 'C:\\w'), 'C:\\w\\a\\b');
  assert.equal(toFilePath('a', '/'), '/a');
  assert.equal(isBeneath('/w', '/w'), false);
  assert.equal(ignorePattern('a[1]*?.txt', false), '/a\\[1\\]\\*\\?.txt');
  assert.equal(ignorePattern('dir', true), '/dir/');
  assert.equal(ignorePattern('a ', false), '/a\\ ');
});

test('each situation has its welcome text', () => {
  const model = (fields: object) => ({
    linked: true,
    info: { linked: true },
    key: 'present' as const,
    failure: undefined,
    ...fields,
  });
  const base: Situation = { trusted: true, folders: 1, fileFolders: 1, engine: 'running', models: [model({})] };
  const cases: [Partial<Situation>, string][] = [
    [{}, 'ready'],
    [{ folders: 0, fileFolders: 0 }, 'noFolder'],
    [{ fileFolders: 0 }, 'virtual'],
    [{ trusted: false }, 'untrusted'],
    [{ engine: 'failed' }, 'engineFailed'],
    [{ models: [] }, 'loading'],
    [{ models: [model({ linked: false, info: undefined })] }, 'loading'],
    [{ models: [model({ linked: false, info: { linked: false } })] }, 'notLinked'],
    [{ models: [model({ key: 'missing' })] }, 'keyMissing'],
    [{ models: [model({ key: 'wrong' })] }, 'keyMissing'],
    [{ models: [model({}), model({ linked: false, info: { linked: false } })] }, 'ready'],
  ];
  for (const [change, expected] of cases) assert.equal(setupState({ ...base, ...change }), expected);
});
