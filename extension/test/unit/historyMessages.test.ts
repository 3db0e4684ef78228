// What the history says instead of versions.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { EngineError } from '../../src/engine/errors';
import { engineRows, failureRows } from '../../src/views/historyMessages';

test('an engine that was given up is told of, with the way out; one that runs or starts is not', () => {
  for (const state of ['idle', 'starting', 'running', 'waiting'] as const)
    assert.deepEqual(engineRows({ state, lastFailure: new EngineError('engine_gone', 'x') }), []);
  const [text, action] = engineRows({ state: 'failed', lastFailure: new EngineError('engine_gone', 'killed') });
  assert.match(text!.text, /ended several times/);
  assert.equal(text!.command, undefined);
  assert.equal(action!.text, 'Restart Engine');
  assert.equal(action!.command?.command, 'mikura.restartEngine');
  const missing = engineRows({ state: 'failed', lastFailure: new EngineError('engine_missing', 'x') });
  assert.equal(missing[1]!.command?.command, 'mikura.openSettings');
});

test('each failure comes with what to do about it', () => {
  const actionOf = (code: ConstructorParameters<typeof EngineError>[0]) =>
    failureRows(new EngineError(code, 'x'))[1]!.command!.command;
  assert.equal(actionOf('key_missing'), 'mikura.key.enter');
  assert.equal(actionOf('mfa_missing'), 'mikura.mfa.enter');
  assert.equal(actionOf('transient'), 'mikura.history.refresh');
  assert.equal(actionOf('engine_failed'), 'mikura.restartEngine');
});
