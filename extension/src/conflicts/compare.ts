// The two sides of a conflict, and what they are called: this computer, and the device and time of the other one.
// Never "ours" and "theirs".

import * as vscode from 'vscode';
import { l10n } from 'vscode';
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

export async function sidesOf(model: FolderModel, conflict: Conflict): Promise<Sides> {
  const copy = fileUri(model, conflict.copy);
  const isFile = (uri: vscode.Uri) =>
    vscode.workspace.fs.stat(uri).then(
      info => info.type === vscode.FileType.File,
      () => false,
    );
  const local = fileUri(model, conflict.path);
  // Without a key the copy beside the file has to do.
  const version = model.key === 'present' ? conflict.remote_version : null;
  const [hasLocal, hasCopy] = await Promise.all([isFile(local), conflict.copy !== '' && isFile(copy)]);
  return {
    local: hasLocal ? local : emptyUri(model, conflict.path),
    // The version is read-only and named after the file; the copy beside it is what remains without one.
    remote: version ? contentUri(model, conflict.path, version) : hasCopy ? copy : emptyUri(model, conflict.path),
    remoteName: remoteName(conflict),
    localName: thisComputer(),
    // Without the true ancestor a merge would have to guess, and could undo somebody's changes without a word.
    ancestor: conflict.base_version ?? undefined,
  };
}

function remoteName({ remote_device: device, remote_created_ms: time }: Conflict): string {
  return device && time ? versionSide({ device, created_ms: time }) : l10n.t('Repository');
}

export async function compareConflict(model: FolderModel, conflict: Conflict): Promise<void> {
  const { local, remote, remoteName, localName } = await sidesOf(model, conflict);
  await vscode.commands.executeCommand(
    'vscode.diff',
    remote,
    local,
    l10n.t('{0} ({1} ↔ {2})', baseName(conflict.path), remoteName, localName),
  );
}
