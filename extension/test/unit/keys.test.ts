// The store of keys, and the recovery kit.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { SecretStorage } from 'vscode';
import { KeyStore } from '../../src/secrets/keyStore';
import { recoveryKitText } from '../../src/secrets/recoveryKit';

class FakeStorage {
  readonly values = new Map<string, string>();
  private readonly listeners: ((event: { key: string }) => void)[] = [];
  broken: 'forgets' | 'throws' | undefined;
  readonly onDidChange = (listener: (event: { key: string }) => void) => {
    this.listeners.push(listener);
    return { dispose: () => {} };
  };
  async get(key: string) {
    if (this.broken === 'throws') throw new Error('no keyring');
    return this.values.get(key);
  }
  async store(key: string, value: string) {
    if (this.broken === 'throws') throw new Error('no keyring');
    if (this.broken !== 'forgets') this.values.set(key, value);
    this.fire(key);
  }
  async delete(key: string) {
    this.values.delete(key);
    this.fire(key);
  }
  fire(key: string) {
    for (const listener of this.listeners) listener({ key });
  }
}

function made(broken?: FakeStorage['broken']) {
  const storage = new FakeStorage();
  storage.broken = broken;
  const warnings: string[] = [];
  const forgotten: string[] = [];
  const keys = new KeyStore(storage as unknown as SecretStorage, message => warnings.push(message));
  keys.onDidForget(repository => forgotten.push(repository));
  return { storage, keys, warnings, forgotten };
}

const settle = () => new Promise(resolve => setTimeout(resolve, 5));

test('a key is kept by repository and found again by another window', async () => {
  const { storage, keys } = made();
  assert.equal(await keys.keep('r1', 'one', 'keychain'), 'keychain');
  await keys.keep('r2', 'two', 'keychain');
  const other = new KeyStore(storage as unknown as SecretStorage, () => {});
  assert.equal(await other.get('r1'), 'one');
  assert.equal(await other.get('r2'), 'two');
  assert.equal(await other.get('r3'), undefined);
  assert.deepEqual([...storage.values.keys()].sort(), ['mikura.key.r1', 'mikura.key.r2']);
});

test('a key for the session only is in no storage, also if an older one was', async () => {
  const { storage, keys } = made();
  await keys.keep('r', 'old', 'keychain');
  assert.equal(await keys.keep('r', 'new', 'session'), 'session');
  await settle();
  assert.equal(storage.values.size, 0);
  assert.equal(await keys.get('r'), 'new');
});

for (const broken of ['forgets', 'throws'] as const) {
  test(`a storage that ${broken} is noticed, and the key serves until the window closes`, async () => {
    const { keys, warnings, forgotten } = made(broken);
    assert.equal(await keys.keep('r', 'secret-text', 'keychain'), 'session');
    await settle();
    assert.equal(await keys.get('r'), 'secret-text');
    assert.equal(warnings.length > 0, true);
    assert.ok(
      warnings.every(warning => !warning.includes('secret-text')),
      'no secret in the log',
    );
    assert.deepEqual(forgotten, []);
  });
}

test('a key that is being tried counts only while it is tried', async () => {
  const { keys } = made();
  await keys.keep('r', 'kept', 'keychain');
  await assert.rejects(
    keys.trying('r', 'wrong', async () => {
      assert.equal(await keys.get('r'), 'wrong');
      throw new Error('does not open it');
    }),
  );
  assert.equal(await keys.get('r'), 'kept');
  await keys.trying('', 'fresh', async () =>
    assert.equal(await keys.get('of a repository that is being created'), 'fresh'),
  );
});

test('forgetting removes it everywhere and is told', async () => {
  const { storage, keys, forgotten } = made();
  await keys.keep('r', 'x', 'keychain');
  await keys.forget('r');
  assert.equal(await keys.get('r'), undefined);
  assert.equal(storage.values.size, 0);
  assert.deepEqual(forgotten, ['r']);
});

test('a key that another window forgot is forgotten here', async () => {
  const { storage, keys, forgotten } = made();
  await keys.keep('r', 'x', 'keychain');
  await storage.delete('mikura.key.r');
  await settle();
  assert.deepEqual(forgotten, ['r']);
  assert.equal(await keys.get('r'), undefined);
});

test('a key that another window replaced is taken over', async () => {
  const { storage, keys } = made();
  await keys.keep('r', 'old', 'keychain');
  await storage.store('mikura.key.r', 'new');
  await settle();
  assert.equal(await keys.get('r'), 'new');
});

test('the recovery kit holds all that is needed, and serves the command as a key file', () => {
  const text = recoveryKitText({
    folder: '/w',
    store: 's3://bucket/p?region=x',
    repository: '0190-uuid',
    secret: '# made by\nMIKURA-KEY-1ABC\n',
    createdMs: Date.UTC(2026, 0, 2),
  });
  for (const needed of ['s3://bucket/p?region=x', '0190-uuid', '/w', '2026-01-02', 'mikura --key-file'])
    assert.ok(text.includes(needed), needed);
  const lines = text.trimEnd().split('\n');
  assert.equal(lines.at(-1), 'MIKURA-KEY-1ABC');
  assert.ok(
    lines.slice(0, -1).every(line => line.startsWith('#')),
    'before the key are comments only',
  );
  const phrase = recoveryKitText({
    folder: '/w',
    store: 's',
    repository: 'r',
    secret: 'correct horse battery',
    createdMs: 0,
  });
  assert.ok(phrase.endsWith('\ncorrect horse battery\n'));
});
