// The conversations recorded from the real engine (tests/rpc), replayed by our client against a process that plays the
// engine: each answer arrives as it was recorded, each error with its code, and the engine gets its secrets.

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { EngineError } from '../../src/engine/errors';
import type { Method, Notifications, Params } from '../../src/engine/protocol';
import { RpcClient } from '../../src/engine/rpc';
import { readRecording, type Line, type Message } from '../fakes/recording';

const ROOT = join(__dirname, '..', '..');
const RECORDINGS = join(ROOT, '..', 'tests', 'rpc');
const names = readdirSync(RECORDINGS).filter(name => name.endsWith('.jsonl'));

const isRequest = ({ from, message }: Line): boolean =>
  from === 'client' && message.method !== undefined && message.id !== undefined;

// The answers of the client to the engine's questions of one kind, in the order of the questions.
function repliesOf(lines: readonly Line[], method: string, member: string): (string | null)[] {
  const asked = lines.filter(line => line.from === 'engine' && line.message.method === method);
  return asked.map(({ message }) => {
    const reply = lines.find(
      line => line.from === 'client' && line.message.method === undefined && line.message.id === message.id,
    );
    return (reply?.message.result as Record<string, string | null> | undefined)?.[member] ?? null;
  });
}

async function compare(what: string, recorded: Message, outcome: Promise<unknown>): Promise<void> {
  const got = await outcome.then(
    result => ({ result }),
    (error: unknown) => ({ error }),
  );
  if (!recorded.error) {
    assert.ok('result' in got, `${what}: ${String('error' in got && got.error)}`);
    assert.deepEqual(got.result, recorded.result, what);
    return;
  }
  assert.ok('error' in got && got.error instanceof EngineError, `${what} was to fail`);
  const data = recorded.error.data as { code: string; message: string; hint: string; actions?: unknown[] } | undefined;
  if (recorded.error.code === -32001 && data) {
    assert.equal(got.error.code, data.code, `${what}: a code that the extension does not know`);
    assert.equal(got.error.hint, data.hint);
    assert.deepEqual(got.error.actions, data.actions ?? []);
  } else if (recorded.error.code === -32800) {
    assert.equal(got.error.code, 'cancelled');
  }
}

for (const name of names) {
  test(`replayed: ${name}`, async () => {
    const path = join(RECORDINGS, name);
    const lines = readRecording(path);
    const secrets = repliesOf(lines, 'secret/get', 'secret');
    const codes = repliesOf(lines, 'mfa/get', 'code');
    const engine = spawn(process.execPath, [join(__dirname, 'fakeEngine.js'), path], {
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    const ended = new Promise(resolve => engine.once('exit', resolve));
    const client = new RpcClient(engine.stdout, engine.stdin, {
      secret: async () => secrets.shift() ?? null,
      mfaCode: async () => codes.shift() ?? null,
      folderState: () => {},
      log: () => {},
    });
    const calls = new Map<number | string, { what: string; outcome: Promise<unknown>; abort: AbortController }>();
    let compared = 0;
    try {
      for (const line of lines) {
        const { id, method, params } = line.message;
        if (isRequest(line)) {
          const abort = new AbortController();
          const outcome = client.request(method as Method, params as Params<Method>, { signal: abort.signal });
          outcome.catch(() => {});
          calls.set(id!, { what: `${name}: ${method} (${id})`, outcome, abort });
        } else if (line.from === 'client' && method !== undefined && method !== '$/cancelRequest') {
          client.notify(method as keyof Notifications, params as Notifications[keyof Notifications]);
        } else if (line.from === 'engine' && method === undefined && calls.has(id!)) {
          const call = calls.get(id!)!;
          await compare(call.what, line.message, call.outcome);
          calls.delete(id!);
          compared += 1;
        }
      }
    } finally {
      client.close();
      engine.stdin.end();
      await ended;
    }
    assert.ok(compared > 0, 'a conversation has answers');
  });
}

test('our types name every method that the engine was recorded to answer', () => {
  const types = readFileSync(join(ROOT, 'src', 'engine', 'protocol.ts'), 'utf8');
  const table = types.slice(types.indexOf('export interface Methods'), types.indexOf('export type Method '));
  const named = new Set([...table.matchAll(/^ {2}'?([a-z]+(?:\/[a-z]+)?)'?: [[{I]/gm)].map(match => match[1]!));
  assert.ok(named.size > 25, 'the types were read');
  const answered = new Set<string>();
  for (const lines of names.map(name => readRecording(join(RECORDINGS, name)))) {
    for (const { message } of lines.filter(isRequest)) {
      const answer = lines.find(
        line => line.from === 'engine' && line.message.method === undefined && line.message.id === message.id,
      );
      if (answer?.message.result !== undefined) answered.add(message.method!);
    }
  }
  assert.ok(answered.size > 15, 'the recordings were read');
  // The editor never checks out into a new folder: it opens an empty one and connects it.
  const unused = new Set(['repository/clone']);
  assert.deepEqual(
    [...answered].filter(method => !named.has(method) && !unused.has(method)),
    [],
  );
});
