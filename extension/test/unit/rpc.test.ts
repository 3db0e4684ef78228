// One conversation: results, errors, progress, cancelling, and the engine's own question.

import assert from 'node:assert/strict';
import { PassThrough } from 'node:stream';
import { test } from 'node:test';
import {
  CancellationTokenSource,
  createMessageConnection,
  ResponseError,
  StreamMessageReader,
  StreamMessageWriter,
  type CancellationToken,
} from 'vscode-jsonrpc/node';
import { EngineError } from '../../src/engine/errors';
import type { FolderState, ProgressReport } from '../../src/engine/protocol';
import { RpcClient, type EngineHandlers } from '../../src/engine/rpc';

function pair(handlers: Partial<EngineHandlers> = {}) {
  const toEngine = new PassThrough();
  const toClient = new PassThrough();
  const engine = createMessageConnection(new StreamMessageReader(toEngine), new StreamMessageWriter(toClient));
  const client = new RpcClient(toClient, toEngine, {
    secret: async () => null,
    mfaCode: async () => null,
    folderState: () => {},
    log: () => {},
    ...handlers,
  });
  return { engine, client, toClient };
}

const rejectedWith = (check: (error: EngineError) => boolean) => (error: unknown) =>
  error instanceof EngineError && check(error);

test('an error of the engine keeps its code, hint, path and actions', async () => {
  const { engine, client } = pair();
  const actions = [{ action: 'delete_local', path: 'a', kind: 'file', size: 1 }];
  engine.onRequest(
    'sync',
    () =>
      new ResponseError(-32001, 'x', {
        code: 'refused',
        message: 'too much',
        hint: 'say yes',
        retryable: false,
        path: 'a',
        actions,
      }),
  );
  engine.listen();
  await assert.rejects(
    client.request('sync', { folder: '/w', mode: 'sync' }),
    rejectedWith(
      error =>
        error.code === 'refused' &&
        error.message === 'too much' &&
        error.hint === 'say yes' &&
        error.path === 'a' &&
        error.actions.length === 1,
    ),
  );
});

test('an unknown code is internal, an unknown method unsupported', async () => {
  const { engine, client } = pair();
  engine.onRequest('sync', () => new ResponseError(-32001, 'x', { code: 'from_the_future', message: 'm', hint: '' }));
  engine.listen();
  await assert.rejects(
    client.request('sync', { folder: '/w', mode: 'sync' }),
    rejectedWith(error => error.code === 'internal'),
  );
  await assert.rejects(
    client.request('conflicts', { folder: '/w' }),
    rejectedWith(error => error.code === 'unsupported'),
  );
});

test('progress reaches the caller until the answer', async () => {
  const { engine, client } = pair();
  engine.onRequest('sync', async (params: { progress_token: string }) => {
    await engine.sendNotification('$/progress', {
      token: params.progress_token,
      value: { kind: 'report', phase: 'uploading', done_items: 1, total_items: 2 },
    });
    return { published: true };
  });
  engine.listen();
  const reports: ProgressReport[] = [];
  await client.request('sync', { folder: '/w', mode: 'sync' }, { onProgress: report => reports.push(report) });
  assert.deepEqual(
    reports.map(report => [report.phase, report.done_items]),
    [['uploading', 1]],
  );
});

test('aborting the signal cancels the call in the engine', async () => {
  const { engine, client } = pair();
  engine.onRequest(
    'sync',
    (_params: unknown, token: CancellationToken) =>
      new Promise((_resolve, reject) => {
        token.onCancellationRequested(() => reject(new ResponseError(-32800, 'cancelled')));
      }),
  );
  engine.listen();
  const abort = new AbortController();
  const call = client.request('sync', { folder: '/w', mode: 'sync' }, { signal: abort.signal });
  setTimeout(() => abort.abort(), 20);
  await assert.rejects(
    call,
    rejectedWith(error => error.code === 'cancelled'),
  );
  await assert.rejects(
    client.request('sync', { folder: '/w', mode: 'sync' }, { signal: abort.signal }),
    rejectedWith(error => error.code === 'cancelled'),
  );
});

test('the engine gets the secret, null if there is none, and its state is told', async () => {
  const states: FolderState[] = [];
  const { engine } = pair({
    secret: async request => (request.repository === 'r' ? 'key text' : null),
    folderState: state => states.push(state),
  });
  engine.listen();
  assert.deepEqual(await engine.sendRequest('secret/get', { repository: 'r' }), { secret: 'key text' });
  assert.deepEqual(await engine.sendRequest('secret/get', { repository: 'q' }), { secret: null });
  await engine.sendNotification('folder/state', { folder: '/w', revision: 3 });
  await engine.sendRequest('secret/get', { repository: 'q' });
  assert.deepEqual(
    states.map(state => state.revision),
    [3],
  );
});

test('the engine gets the code of a device, and can take its question back', async () => {
  const { engine } = pair({
    mfaCode: (request, takenBack) =>
      request.retry
        ? new Promise(resolve => takenBack.addEventListener('abort', () => resolve(null)))
        : Promise.resolve(request.serial),
  });
  engine.listen();
  const source = new CancellationTokenSource();
  const ask = (retry: boolean) =>
    engine.sendRequest('mfa/get', { profile: 'p', role: 'r', serial: '123456', retry }, source.token);
  assert.deepEqual(await ask(false), { code: '123456' });
  const asked = ask(true);
  setTimeout(() => source.cancel(), 20);
  assert.deepEqual(await asked, { code: null });
});

test('calls are rejected when the stream ends, those that run and those that come', async () => {
  const { engine, client, toClient } = pair();
  engine.onRequest('sync', () => new Promise(() => {}));
  engine.listen();
  const call = client.request('sync', { folder: '/w', mode: 'sync' });
  setTimeout(() => toClient.destroy(), 20);
  await assert.rejects(
    call,
    rejectedWith(error => error.code === 'engine_gone' && error.retryable),
  );
  await assert.rejects(
    client.request('sync', { folder: '/w', mode: 'sync' }),
    rejectedWith(error => error.code === 'engine_gone'),
  );
});
