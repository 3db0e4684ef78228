// The two sides of a conflict, and what they are called: this computer, and the device and time of the other one.
// Never "ours" and "theirs".

import * as vscode from 'vscode';
import { l10n } from 'vscode';
import type { App } from '../app';
import { contentUri, emptyUri, fileUri } from '../content/uri';
import type { Conflict } from '../engine/protocol';
import type { FolderModel } from '../model/folder';
import { baseName } from '../model/paths';
import { thisComputer, versionSide } from '../util/text';

export interface Sides {
  local: vscode.Uri;
  remote: vscode.Uri;
  remoteName: string;
  localName: string;
  ancestor: string | undefined;
}

export async function sidesOf(app: App, model: FolderModel, conflict: Conflict): Promise<Sides> {
  const version = conflict.remote_version
    ? await app.engine
        .request('history/version', { folder: model.folder, version: conflict.remote_version })
        .catch(() => undefined)
    : undefined;
  const copy = fileUri(model, conflict.copy);
  const hasCopy =
    conflict.copy !== '' &&
    (await vscode.workspace.fs.stat(copy).then(
      info => info.type === vscode.FileType.File,
      () => false,
    ));
  const local = fileUri(model, conflict.path);
  const hasLocal = await vscode.workspace.fs.stat(local).then(
    () => true,
    () => false,
  );
  return {
    local: hasLocal ? local : emptyUri(model, conflict.path),
    // The version is read-only and named after the file; the copy beside it needs no key.
    remote: version
      ? contentUri(model, conflict.path, version.version)
      : hasCopy
        ? copy
        : emptyUri(model, conflict.path),
    remoteName: version ? versionSide(version) : l10n.t('Repository'),
    localName: thisComputer(),
    // Without the true ancestor a merge would have to guess, and could undo somebody's changes without a word: then
    // there is none.
    ancestor: conflict.base_version ?? undefined,
  };
}

export async function compareConflict(app: App, model: FolderModel, conflict: Conflict): Promise<void> {
  const { local, remote, remoteName, localName } = await sidesOf(app, model, conflict);
  await vscode.commands.executeCommand(
    'vscode.diff',
    remote,
    local,
    l10n.t('{0} ({1} ↔ {2})', baseName(conflict.path), remoteName, localName),
  );
}
