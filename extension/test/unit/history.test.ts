// Pages of the history, and what each version changed.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { EngineError } from '../../src/engine/errors';
import { FolderModel } from '../../src/model/folder';
import { HistoryModel } from '../../src/model/history';
import { TableEngine, version } from '../fakes/engine';

const all = Array.from({ length: 120 }, (_, i) => version(120 - i));

function made(fields: { fail?: boolean } = {}) {
  const engine = new TableEngine({
    'history/list': ({ limit, before }) => {
      if (fields.fail) throw new EngineError('key_missing', 'x');
      const start = before ? all.findIndex(each => each.version === before) + 1 : 0;
      return { versions: all.slice(start, start + (limit ?? 50)), has_more: start + (limit ?? 50) < all.length };
    },
    diff: ({ before }) => ({
      changes: [
        {
          change: 'added',
          path: 'd',
          before: null,
          after: { path: 'd', kind: 'directory', mode: 0, size: 0, mtime_ns: 0 },
        },
        {
          change: 'added',
          path: 'd/f',
          before: null,
          after: { path: 'd/f', kind: 'file', mode: 0, size: 'empty' in before ? 1 : 2, mtime_ns: 0 },
        },
      ],
    }),
  });
  const history = new HistoryModel(new FolderModel('/w', 'w', engine), engine);
  return { engine, history };
}

test('pages follow each other without gaps or repetitions, to the end', async () => {
  const { history } = made();
  await history.reload();
  assert.equal(history.versions.length, 50);
  await history.more();
  await history.more();
  assert.deepEqual(
    history.versions.map(each => each.generation),
    all.map(each => each.generation),
  );
  assert.equal(history.hasMore, false);
  await history.more();
  assert.equal(history.versions.length, 120, 'there is no page after the last');
});

test('a reload keeps as many as are shown', async () => {
  const { engine, history } = made();
  await history.reload();
  await history.more();
  await history.reload();
  assert.equal(history.versions.length, 100);
  assert.deepEqual(engine.calls.at(-1)?.params, { folder: '/w', limit: 100 });
});

test('a page that arrives after the filter has changed is dropped', async () => {
  const { engine, history } = made();
  const late = history.reload();
  history.setPath('a.txt');
  await late;
  assert.equal(history.versions.length, 0);
  await history.reload();
  assert.deepEqual(engine.calls.at(-1)?.params, { folder: '/w', limit: 50, path: 'a.txt' });
});

test('a failure is remembered and goes away with the next success', async () => {
  const fields = { fail: true };
  const { history } = made(fields);
  await history.reload();
  assert.equal(history.failure?.code, 'key_missing');
  fields.fail = false;
  await history.reload();
  assert.equal(history.failure, undefined);
});

test('the changes of a version are its difference from its parent, asked once; the first one is compared with nothing', async () => {
  const { engine, history } = made();
  const changes = await history.changesOf(all[0]!);
  await history.changesOf(all[0]!);
  assert.equal(engine.count('diff'), 1);
  assert.deepEqual(
    changes.map(change => change.path),
    ['d/f'],
    'a folder is not listed when something in it is',
  );
  await history.changesOf(all.at(-1)!);
  assert.deepEqual((engine.calls.at(-1)?.params as { before: unknown }).before, { empty: true });
});
