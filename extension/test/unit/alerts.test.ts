// What is told of what happens in the background: when it comes, when it goes, and that no name can make a link.

import assert from 'node:assert/strict';
import { beforeEach, test } from 'node:test';
import type { LogOutputChannel } from 'vscode';
import { Alerts } from '../../src/alerts';
import type { App } from '../../src/app';
import { EngineError } from '../../src/engine/errors';
import type { EngineState } from '../../src/engine/supervisor';
import { FolderModel } from '../../src/model/folder';
import { Emitter } from '../../src/util/emitter';
import { Notifier } from '../../src/util/notify';
import { TableEngine, status } from '../fakes/engine';
import { notices, settings, shown } from '../fakes/vscode';

beforeEach(() => {
  notices.length = 0;
  shown.length = 0;
  settings.clear();
});

function world() {
  const changes = new Emitter<FolderModel>();
  const model = new FolderModel('/w', 'w', new TableEngine({}));
  model.info = { linked: true, root: '/w', store: 'file:///s', repository: 'r' };
  const notify = new Notifier({ info: () => {}, error: () => {} } as unknown as LogOutputChannel);
  const app = {
    registry: { onDidChange: changes.event },
    engine: { onDidChangeState: new Emitter<EngineState>().event },
    notify,
  } as unknown as App;
  const alerts = new Alerts(app);
  const have = async (...paths: string[]) => {
    model.status = status({
      conflicts: paths.map(path => ({ path, copy: '', since_ms: 1, remote_version: null, remote_kind: null })),
    });
    changes.fire(model);
    await new Promise(resolve => setImmediate(resolve));
    return notices.map(notice => notice.title);
  };
  const fail = (error: EngineError | undefined) => {
    model.failure = error;
    changes.fire(model);
  };
  return { alerts, notify, have, fail };
}

test('the notice of a conflict leads to it, and goes when it is settled', async () => {
  const { have } = world();
  assert.deepEqual(await have('old.txt'), [], 'what was there when the window opened is no news');
  const [text, ...more] = await have('old.txt', 'a (1).txt');
  assert.deepEqual(more, []);
  assert.match(text!, /^a \(1\)\.txt was changed here and on another computer\. Both versions are kept\. \[Resolve…\]/);
  const link = /\[Resolve…\]\(command:mikura\.resolve\.pick\?([^)\s]+)\)/.exec(text!);
  assert.deepEqual(JSON.parse(decodeURIComponent(link![1]!)), ['/w/a (1).txt']);
  assert.deepEqual(await have('old.txt', 'a (1).txt'), [text], 'nothing new');
  assert.deepEqual(await have('old.txt'), []);
});

test('several are told of together, and the notice follows what is left', async () => {
  const { have } = world();
  await have();
  assert.match((await have('a', 'b'))[0]!, /^2 files/);
  assert.match((await have('a', 'b', 'c'))[0]!, /^3 files/);
  assert.match((await have('c'))[0]!, /^c was changed/);
  assert.equal(notices.length, 1);
  assert.deepEqual(await have(), []);
});

test('a notice that was sent away does not come back for what is left of it', async () => {
  const { have } = world();
  await have();
  await have('a', 'b');
  notices[0]!.cancel();
  assert.deepEqual(await have('b'), []);
  assert.match((await have('b', 'c'))[0]!, /^c was changed/, 'but a new conflict is news');
});

test('who wants no notices gets none, and the end of the extension takes the last one away', async () => {
  const { have, notify } = world();
  settings.set('mikura.showConflictNotifications', false);
  await have();
  assert.deepEqual(await have('a'), []);
  settings.clear();
  await have('a', 'b');
  assert.equal(notices.length, 1);
  notify.dispose();
  await new Promise(resolve => setImmediate(resolve));
  assert.deepEqual(notices, []);
});

test('a name that looks like a link makes none', async () => {
  const { have, notify } = world();
  await have();
  const name = '[x](command:workbench.action.quit)';
  const [text] = await have(name);
  assert.doesNotMatch(text!, /\]\(command:workbench/);
  notify.failed('Restore', new EngineError('io', 'x', { path: name }));
  assert.doesNotMatch(shown[0]!.text, /\]\(/);
});

for (const [code, command] of [
  ['mfa_missing', 'mikura.mfa.enter'],
  ['key_missing', 'mikura.key.enter'],
] as const) {
  test(`${code} is told once, with the way out, until it is settled`, async () => {
    const { fail } = world();
    for (let i = 0; i < 3; i += 1) fail(new EngineError(code, 'x'));
    assert.equal(notices.length, 1);
    assert.ok(notices[0]!.title.includes(`(command:${command})`));
    fail(undefined);
    await new Promise(resolve => setImmediate(resolve));
    assert.deepEqual(notices, []);
  });
}

test('what was tampered with is told by a message that stays', () => {
  const { fail } = world();
  fail(new EngineError('corrupt', 'x'));
  fail(undefined);
  assert.deepEqual(
    shown.map(message => [message.kind, message.items]),
    [['error', ['Show Log']]],
  );
});
