// What the manifest promises holds in the extension host: the extension activates, quickly, and every command exists.

import * as assert from 'node:assert/strict';
import * as vscode from 'vscode';
import { test } from './harness';

/** Generous: the machine may be busy with other builds. What it takes when idle is a fraction of it. */
const ACTIVATION_MILLISECONDS = 5000;

function extension(): vscode.Extension<unknown> {
  const found = vscode.extensions.getExtension('mikura.mikura');
  assert.ok(found, 'the extension is installed');
  return found;
}

test('the extension activates', async () => {
  const begin = performance.now();
  await extension().activate();
  const took = performance.now() - begin;
  console.log(`activation: ${took.toFixed(1)} ms`);
  assert.ok(extension().isActive);
  assert.ok(took < ACTIVATION_MILLISECONDS, `it took ${took} ms`);
});

test('every command of the manifest is registered', async () => {
  const manifest = extension().packageJSON as { contributes: { commands: { command: string }[] } };
  const promised = manifest.contributes.commands.map(entry => entry.command).sort();
  const present = await vscode.commands.getCommands(true);
  assert.deepEqual(
    promised.filter(id => !present.includes(id)),
    [],
    'promised and missing',
  );
});

test('no API is used that VS Code has not declared stable', async () => {
  assert.equal((extension().packageJSON as { enabledApiProposals?: string[] }).enabledApiProposals, undefined);
});
