// The three-way merge editor for a file in conflict. It is an internal command of VS Code, which other extensions
// use, too; where it is missing, the file gets conflict markers, which the editor has buttons for. Before the text is
// touched, a copy goes to the backup: an editor that saves by itself would otherwise replace the only copy by a half-
// done merge.

import * as vscode from 'vscode';
import { l10n } from 'vscode';
import type { App } from '../app';
import { contentUri } from '../content/uri';
import type { Snapshots } from '../content/snapshots';
import type { Conflict } from '../engine/protocol';
import type { FolderModel } from '../model/folder';
import { isBinaryContent } from './kind';
import { sidesOf } from './compare';
import { hasMarkers, ownSide, withMarkers } from './markers';

// False if the file is not text, so that the caller offers something else.
export async function openMergeEditor(
  app: App,
  snapshots: Snapshots,
  model: FolderModel,
  conflict: Conflict,
): Promise<boolean> {
  const sides = await sidesOf(model, conflict);
  const [localBytes, remoteBytes] = await Promise.all([
    vscode.workspace.fs.readFile(sides.local),
    vscode.workspace.fs.readFile(sides.remote),
  ]);
  if (sides.local.scheme !== 'file' || isBinaryContent(localBytes) || isBinaryContent(remoteBytes)) return false;
  const document = await vscode.workspace.openTextDocument(sides.local);
  const isMerging = hasMarkers(document.getText());
  const localText = document.getText();
  if (!isMerging) {
    await backUp(model, conflict.path, localBytes);
    await replaceText(document, withMarkers(localText, Buffer.from(remoteBytes).toString('utf8'), sides));
  }
  const base = sides.ancestor ? contentUri(model, conflict.path, sides.ancestor) : snapshots.add(sides.local, '');
  const readableBase = await vscode.workspace.fs.readFile(base).then(
    () => base,
    () => snapshots.add(sides.local, ''),
  );
  try {
    await vscode.commands.executeCommand('_open.mergeEditor', {
      base: sides.ancestor ? readableBase : base,
      input1: { uri: sides.remote, title: l10n.t('Repository'), description: sides.remoteName, detail: '' },
      input2: {
        uri: snapshots.add(sides.local, isMerging ? ownSide(localText) : localText),
        title: sides.localName,
        description: '',
        detail: '',
      },
      output: sides.local,
    });
  } catch (error) {
    app.log.warn(`the merge editor is missing, markers are shown: ${String(error)}`);
    await vscode.window.showTextDocument(document);
  }
  return true;
}

// Ends the merge in the active merge editor. Returns the merged file, or undefined if conflicts are left and the user
// wants to go on.
export async function acceptMerge(uri: vscode.Uri | undefined): Promise<vscode.Uri | undefined> {
  const result = uri?.scheme === 'file' ? uri : activeMergeResult();
  const answer = await vscode.commands.executeCommand<{ successful?: boolean } | undefined>('mergeEditor.acceptMerge');
  if (!answer?.successful || !result) return undefined;
  const document = await vscode.workspace.openTextDocument(result);
  if (document.isDirty) await document.save();
  return result;
}

// The type of a merge tab is not in the stable API, its fields are there all the same.
function activeMergeResult(): vscode.Uri | undefined {
  const input = vscode.window.tabGroups.activeTabGroup.activeTab?.input as { result?: unknown } | undefined;
  return input?.result instanceof vscode.Uri ? input.result : undefined;
}

async function replaceText(document: vscode.TextDocument, text: string): Promise<void> {
  const edit = new vscode.WorkspaceEdit();
  edit.replace(document.uri, new vscode.Range(0, 0, document.lineCount, 0), text);
  await vscode.workspace.applyEdit(edit);
}

async function backUp(model: FolderModel, path: string, bytes: Uint8Array): Promise<void> {
  const now = new Date();
  const two = (n: number) => String(n).padStart(2, '0');
  const date = [now.getFullYear(), two(now.getMonth() + 1), two(now.getDate())].join('');
  const stamp = `${date}.${[now.getHours(), now.getMinutes(), now.getSeconds()].map(two).join('')}`;
  const target = vscode.Uri.joinPath(vscode.Uri.file(model.root), '.mikura', 'backup', stamp, path);
  await vscode.workspace.fs.createDirectory(vscode.Uri.joinPath(target, '..'));
  await vscode.workspace.fs.writeFile(target, bytes);
}
