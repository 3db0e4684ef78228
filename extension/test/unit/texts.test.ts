// What people read: the status item, sides of a conflict, plurals, addresses of stores, notifications.

import assert from 'node:assert/strict';
import { beforeEach, test } from 'node:test';
import type { LogOutputChannel } from 'vscode';
import { EngineError, type ErrorCode } from '../../src/engine/errors';
import type { Action, FolderState } from '../../src/engine/protocol';
import { isBinaryContent, isLikelyBinary } from '../../src/conflicts/kind';
import { hasMarkers, ownSide, withMarkers } from '../../src/conflicts/markers';
import { FolderModel } from '../../src/model/folder';
import { runSteps, BACK, type Step } from '../../src/setup/steps';
import { folderUrl, isBucketName, isEndpoint, prefixFor, s3Url } from '../../src/setup/storeUrl';
import { statusText, statusTooltip } from '../../src/status/statusText';
import { explain } from '../../src/util/messages';
import { Notifier } from '../../src/util/notify';
import { ago, files, listed, shortId, size, versionLabel, versionSide, versionTitle } from '../../src/util/text';
import { watchSettings, folderSettings } from '../../src/util/config';
import { TableEngine, status, version } from '../fakes/engine';
import { answers, executed, settings, shown } from '../fakes/vscode';

beforeEach(() => {
  shown.length = 0;
  answers.length = 0;
  executed.length = 0;
  settings.clear();
});

function folder(
  fields: { local?: Action[]; incoming?: Action[]; conflicts?: number; state?: Partial<FolderState> } = {},
): FolderModel {
  const model = new FolderModel('/w', 'my*work', new TableEngine({}));
  model.info = { linked: true, root: '/w', store: 'file:///s', repository: 'r' };
  model.status = status({
    local: fields.local ?? [],
    conflicts: Array.from({ length: fields.conflicts ?? 0 }, (_, i) => ({
      path: `c${i}`,
      copy: '',
      since_ms: 0,
      remote_version: null,
      remote_kind: null,
    })),
  });
  model.incoming = fields.incoming ?? [];
  model.key = 'present';
  model.state = {
    folder: '/w',
    revision: 1,
    activity: 'idle',
    next_ms: null,
    paused_until_ms: null,
    last_sync: null,
    problem: null,
    watching: null,
    ...fields.state,
  };
  return model;
}

const up: Action = { action: 'upload_changed', path: 'a', kind: 'file', size: 1 };
const down: Action = { action: 'download_changed', path: 'b', kind: 'file', size: 1 };

test('the status item shows the most urgent thing', () => {
  const missing = folder();
  missing.key = 'missing';
  const coded = folder({ state: { activity: 'stopped' } });
  coded.failure = new EngineError('mfa_missing', 'x');
  const stopped = folder({ state: { activity: 'stopped' } });
  stopped.failure = new EngineError('denied', 'x');
  const cases: [FolderModel[], string, string, string][] = [
    [[folder()], '$(check) Mikura', 'Mikura: everything is in sync', 'none'],
    [[folder({ local: [up] })], '$(cloud-upload) 1', 'Mikura: 1 change to sync', 'none'],
    [[folder({ incoming: [down] })], '$(cloud-download) 1', 'Mikura: 1 incoming change', 'none'],
    [[folder({ local: [up], incoming: [down] })], '$(cloud) 1↑ 1↓', 'Mikura: 1 change, 1 incoming change', 'none'],
    [[folder({ conflicts: 2, local: [up] })], '$(git-merge) 2', 'Mikura: 2 conflicts', 'none'],
    [[folder({ state: { activity: 'syncing' }, conflicts: 1 })], '$(sync~spin) Mikura', 'Mikura: syncing', 'none'],
    [
      [folder({ state: { activity: 'offline' } })],
      '$(debug-disconnect) Mikura',
      'Mikura: the store cannot be reached',
      'none',
    ],
    [[folder({ state: { activity: 'paused' } })], '$(debug-pause) Mikura', 'Mikura: automatic sync is paused', 'none'],
    [[coded], '$(key) Mikura', 'Mikura: the code of your MFA device is needed', 'warning'],
    [[folder({ local: [up] }), missing], '$(key) Mikura', 'Mikura: the key is needed', 'warning'],
    [
      [stopped],
      '$(error) Mikura',
      'Mikura: stopped. The store denied access. Check the permissions of your account.',
      'error',
    ],
  ];
  for (const [models, text, label, severity] of cases)
    assert.deepEqual(statusText(models, 'running'), { text, label, severity });
  assert.equal(statusText([folder()], 'failed').severity, 'error');
});

test('the tooltip names each folder with what it has, and its Markdown cannot be broken by a name', () => {
  const now = Date.UTC(2026, 0, 1, 12);
  const model = folder({
    local: [up],
    state: {
      last_sync: { at_ms: now - 5 * 60_000, published: null, generation: 1, uploaded_bytes: 0, downloaded_bytes: 0 },
    },
  });
  const text = statusTooltip([model], 'running', now);
  assert.ok(text.startsWith('**my\\*work**'));
  assert.ok(text.includes('1 change to sync'));
  assert.ok(text.includes('5 minutes ago'));
  assert.doesNotMatch(text, /Automatic sync is off/);
  settings.set('mikura.autoSync.mode', 'off');
  assert.match(statusTooltip([model], 'running', now), /Automatic sync is off/);
});

test('numbers, plurals, times and sizes', () => {
  assert.deepEqual([files(1), files(2), files(0)], ['1 file', '2 files', '0 files']);
  const now = Date.UTC(2026, 0, 10);
  assert.deepEqual(
    [ago(now, now), ago(now - 3_600_000, now), ago(now - 86_400_000, now)],
    ['just now', '1 hour ago', 'yesterday'],
  );
  assert.deepEqual([size(999), size(1500), size(25_000_000)], ['999 byte', '1.5 kB', '25 MB']);
  assert.equal(listed(['a', 'b'], 2), 'a\nb');
  assert.equal(listed(['a', 'b', 'c'], 2), 'a\nb\nand 1 more');
  assert.equal(listed(['a', 'b', 'c', 'd'], 2), 'a\nb\nand 2 more');
});

test('a version is called by its message, else by what it changed; a side by device and time', () => {
  assert.equal(versionTitle(version(1, { message: 'figures\nof March' })), 'figures');
  assert.equal(versionTitle(version(1, { added: 2, modified: 1 })), '3 changes');
  assert.equal(versionTitle(version(1, { modified: 0 })), 'No changes of content');
  assert.match(versionSide({ device: 'laptop-B', created_ms: Date.now() }), /^laptop-B, \d\d:\d\d/);
  assert.equal(shortId('0190a3f2-1111-7222-8333-4444deadbeef'), 'deadbeef');
});

test('every code of the engine is explained', () => {
  const codes: ErrorCode[] = [
    'denied',
    'no_credentials',
    'wrong_key',
    'key_missing',
    'rollback',
    'corrupt',
    'busy',
    'engine_missing',
    'transient',
  ];
  const texts = new Set(codes.map(code => explain(new EngineError(code, 'x')).text));
  assert.equal(texts.size, codes.length);
  assert.equal(explain(new EngineError('wrong_key', 'x')).remedy, 'enterKey');
});

test('addresses of stores', () => {
  const answersOf = {
    bucket: 'b-1',
    prefix: '/my notes/x/',
    region: 'eu-central-1',
    endpoint: 'http://127.0.0.1:9000',
    profile: 'work',
  };
  assert.equal(
    s3Url(answersOf),
    's3://b-1/my%20notes/x?endpoint=http%3A%2F%2F127.0.0.1%3A9000&region=eu-central-1&profile=work',
  );
  assert.equal(s3Url({ bucket: 'b-1', prefix: '', region: '', endpoint: '', profile: '' }), 's3://b-1');
  assert.equal(folderUrl('/srv/my store/'), 'file:///srv/my%20store');
  assert.deepEqual(['ab', 'a.b-c', 'UPPER', 'a..b', '1.2.3.4', 'b/c'].map(isBucketName), [
    false,
    true,
    false,
    false,
    false,
    false,
  ]);
  assert.deepEqual(
    ['https://s3.example.com', 'http://127.0.0.1:9000', 's3.example.com', 'https://u:p@h', 'ftp://h'].map(isEndpoint),
    [true, true, false, false, false],
  );
  assert.deepEqual(['My Notes (2026)', '御蔵', '.hidden'].map(prefixFor), ['my-notes-2026', 'mikura', 'hidden']);
});

test('steps: back returns to the last question that was asked, and skipped ones are not counted', async () => {
  interface State {
    kind?: string;
    log: string[];
  }
  const script = ['a', BACK, 'b', 'x'];
  const step = (name: string, when?: (state: State) => boolean): Step<State> => ({
    ...(when ? { when } : {}),
    async ask(state, info) {
      const answer = script.shift();
      state.log.push(`${name} ${info.step}/${info.totalSteps}${info.canGoBack ? ' back' : ''}`);
      if (answer === BACK) return BACK;
      if (name === 'first') state.kind = String(answer);
      return answer === undefined ? undefined : 'next';
    },
  });
  const state: State = { log: [] };
  const done = await runSteps('t', state, [step('first'), step('only a', each => each.kind === 'a'), step('last')]);
  assert.equal(done, true);
  assert.deepEqual(state.log, ['first 1/2', 'only a 2/3 back', 'first 1/3', 'last 2/2 back']);
  assert.equal(await runSteps('t', { log: [] }, [step('first')]), false, 'Escape ends it');
});

test('trouble is told once while it lasts, and not again within ten minutes if it comes and goes', async () => {
  let now = 0;
  const log = { info: () => {}, error: () => {} } as unknown as LogOutputChannel;
  const notifier = new Notifier(log, () => now);
  for (let i = 0; i < 3; i += 1) await notifier.troubled('k', 'text', []);
  now = 60 * 60_000;
  await notifier.troubled('k', 'text', []);
  assert.equal(shown.length, 1, 'it still lasts');
  await notifier.troubled('other', 'text 2', []);
  assert.equal(shown.length, 2);
  notifier.settled('k');
  await notifier.troubled('k', 'text', []);
  assert.equal(shown.length, 3, 'it came back after an hour');
  notifier.settled('k');
  await notifier.troubled('k', 'text', []);
  assert.equal(shown.length, 3, 'it came back at once');
});

test('a failure names what failed, offers the way out, and a cancelled call says nothing', async () => {
  const notifier = new Notifier({ info: () => {}, error: () => {} } as unknown as LogOutputChannel);
  answers.push('Enter Key');
  notifier.failed('Sync of w', new EngineError('wrong_key', 'x'));
  await new Promise(resolve => setImmediate(resolve));
  assert.equal(shown[0]?.text, 'Sync of w: This key does not open the repository.');
  assert.deepEqual(executed, ['mikura.key.enter']);
  notifier.failed('Sync of w', new EngineError('cancelled', 'x'));
  assert.equal(shown.length, 1);
});

test('settings become those of the watch; what is not set is left as the folder has it', () => {
  assert.deepEqual(watchSettings('/w', true), {
    on_change: true,
    quiet_ms: 2000,
    max_wait_ms: 30_000,
    poll_seconds: 300,
    sync: true,
  });
  assert.equal(watchSettings('/w', false).sync, false, 'nothing is published before the recovery kit is saved');
  settings
    .set('mikura.autoSync.mode', 'interval')
    .set('mikura.autoSync.quietSeconds', 100_000)
    .set('mikura.autoSync.pollMinutes', 0);
  assert.deepEqual(watchSettings('/w', true), {
    on_change: true,
    quiet_ms: 600_000,
    max_wait_ms: 1_200_000,
    poll_seconds: 0,
    sync: false,
  });
  assert.deepEqual(folderSettings('/w'), {});
  settings.set('mikura.conflictPolicy', 'merge').set('mikura.useGitignore', false);
  assert.deepEqual(folderSettings('/w'), { policy: 'merge', use_gitignore: false });
});

test('binary files are told from text', () => {
  assert.deepEqual(['a/b.PNG', 'a.txt', '.png', 'Makefile'].map(isLikelyBinary), [true, false, false, false]);
  assert.equal(isBinaryContent(Buffer.from('text')), false);
  assert.equal(isBinaryContent(Buffer.from([1, 0, 2])), true);
});

test('conflict markers go around both texts and come off again', () => {
  const names = { localName: 'This computer', remoteName: 'laptop-B, 12:03' };
  const text = withMarkers('mine\n', 'theirs', names);
  assert.equal(text, '<<<<<<< This computer\nmine\n=======\ntheirs\n>>>>>>> laptop-B, 12:03\n');
  assert.equal(hasMarkers(text), true);
  assert.equal(ownSide(text), 'mine\n');
  assert.equal(ownSide(`before\n${text}after\n`), 'before\nmine\nafter\n');
  assert.equal(hasMarkers('a heading\n=======\nno conflict\n'), false, 'a line of equals signs is no conflict');
  assert.equal(ownSide(withMarkers('', 'theirs\n', names)), '');
});

test('a version is called by its message, if it has one, and its time', () => {
  assert.match(versionLabel(version(1)), /^[^“]*\d\d:\d\d/);
  assert.match(versionLabel(version(1, { message: 'Prices\nof today' })), /^“Prices”, .*\d\d:\d\d/);
});
