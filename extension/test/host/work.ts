// Commands on a real repository, with the real engine. tests/ui/host.test.mjs has made it, and gives the key when it is asked for; another machine's working copy
// and command are in the environment.

import * as assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import * as vscode from 'vscode';
import { eventually, test } from './harness';

const folder = vscode.workspace.workspaceFolders![0]!.uri;
const at = (name: string) => vscode.Uri.joinPath(folder, name);
const disk = (name: string) => readFileSync(at(name).fsPath, 'utf8');
const laptop = process.env['MIKURA_HOST_TEST_LAPTOP']!;

// On the other machine: writes files and publishes them.
function publish(files: Record<string, string>): void {
  for (const [name, text] of Object.entries(files)) writeFileSync(join(laptop, name), text);
  syncLaptop();
}

function syncLaptop(): void {
  const key = process.env['MIKURA_HOST_TEST_KEY_FILE']!;
  execFileSync(process.env['MIKURA']!, ['--key-file', key, 'sync', '--no-progress', '--quiet'], { cwd: laptop });
}

const activeInput = () => vscode.window.tabGroups.activeTabGroup.activeTab?.input;

async function baseOf(name: string): Promise<vscode.Uri> {
  await vscode.commands.executeCommand('workbench.action.closeAllEditors');
  await vscode.commands.executeCommand('mikura.openDiff', at(name));
  const input = await eventually('a difference', () => {
    const tab = activeInput();
    return tab instanceof vscode.TabInputTextDiff ? tab : undefined;
  });
  assert.equal(input.modified.fsPath, at(name).fsPath);
  assert.equal(input.original.scheme, 'mikura');
  return input.original;
}

test('the key is asked for and taken', async () => {
  await eventually('the folder is known to be linked', async () =>
    (await vscode.commands.getCommands(true)).includes('mikura.key.enter'),
  );
  await vscode.commands.executeCommand('mikura.key.enter', folder);
});

test('a sync brings what the other machine has published', async () => {
  publish({ 'from laptop.txt': 'hello\n' });
  await vscode.commands.executeCommand('mikura.sync', folder);
  assert.equal(disk('from laptop.txt'), 'hello\n');
});

test('an old version is a read-only document with the old text', async () => {
  const before = disk('a.txt');
  writeFileSync(at('a.txt').fsPath, `${before}more\n`);
  const original = await baseOf('a.txt');
  assert.equal((await vscode.workspace.openTextDocument(original)).getText(), before);
  assert.equal(vscode.workspace.fs.isWritableFileSystem('mikura'), false);
  await assert.rejects(async () => vscode.workspace.fs.writeFile(original, Buffer.from('changed')));
  await assert.rejects(async () => vscode.workspace.fs.delete(original));
  await vscode.commands.executeCommand('mikura.sync', folder);
});

test('a row leads to the file as it was synced last', async () => {
  await vscode.commands.executeCommand('workbench.action.closeAllEditors');
  const before = disk('a.txt');
  writeFileSync(at('a.txt').fsPath, `${before}not synced\n`);
  await vscode.commands.executeCommand('mikura.openLastSynced', at('a.txt'));
  const input = await eventually('the old text in an editor', () => {
    const opened = activeInput();
    return opened instanceof vscode.TabInputText && opened.uri.scheme === 'mikura' ? opened : undefined;
  });
  assert.equal((await vscode.workspace.openTextDocument(input.uri)).getText(), before);
  writeFileSync(at('a.txt').fsPath, before);
});

test('a file with unsaved text is not replaced by a sync; once saved, both sides are kept', async () => {
  await vscode.commands.executeCommand('workbench.action.closeAllEditors');
  const document = await vscode.workspace.openTextDocument(at('b/deep.txt'));
  const editor = await vscode.window.showTextDocument(document);
  await editor.edit(edit => edit.insert(new vscode.Position(0, 0), 'typed here\n'));
  assert.ok(document.isDirty);
  const before = disk('b/deep.txt');
  publish({ 'b/deep.txt': 'from the laptop\n', 'other.txt': 'beside it\n' });
  await vscode.commands.executeCommand('mikura.pull', folder);
  assert.equal(disk('b/deep.txt'), before, 'the file on disk is as it was');
  assert.ok(document.isDirty, 'the editor still has its text');
  assert.equal(disk('other.txt'), 'beside it\n', 'everything else has arrived');

  await document.save();
  await vscode.commands.executeCommand('mikura.sync', folder);
  assert.match(disk('b/deep.txt'), /^typed here/);
  await vscode.commands.executeCommand('mikura.resolve.keepBoth', at('b/deep.txt'));
  assert.match(disk('b/deep.txt'), /^typed here/);
  const beside = readdirSync(at('b').fsPath).filter(name => name !== 'deep.txt');
  assert.deepEqual(
    beside.map(name => disk(`b/${name}`)),
    ['from the laptop\n'],
    'the other side lies beside it',
  );
});

test('adding to the ignore file takes a file out of the changes', async () => {
  writeFileSync(at('scratch.tmp').fsPath, 'not for anybody\n');
  await vscode.commands.executeCommand('mikura.addToIgnore', at('scratch.tmp'));
  assert.match(disk('.mikuraignore'), /scratch\.tmp/);
  await vscode.commands.executeCommand('mikura.sync', folder);
  syncLaptop();
  assert.throws(() => readFileSync(join(laptop, 'scratch.tmp')), 'it was not published');
  assert.match(readFileSync(join(laptop, '.mikuraignore'), 'utf8'), /scratch/);
});

test('all changes open beside each other', async () => {
  await vscode.commands.executeCommand('workbench.action.closeAllEditors');
  writeFileSync(at('a.txt').fsPath, 'changed\n');
  writeFileSync(at('other.txt').fsPath, 'changed, too\n');
  await vscode.commands.executeCommand('mikura.refresh', folder);
  await vscode.commands.executeCommand('mikura.openAllChanges');
  await eventually('a tab for all of them', () =>
    vscode.window.tabGroups.activeTabGroup.activeTab?.label.includes('Changes'),
  );
});

test('a restarted engine knows its folders again', async () => {
  await vscode.commands.executeCommand('mikura.restartEngine');
  writeFileSync(at('a.txt').fsPath, 'after the restart\n');
  await vscode.commands.executeCommand('mikura.push', folder);
  syncLaptop();
  assert.equal(readFileSync(join(laptop, 'a.txt'), 'utf8'), 'after the restart\n');
});
