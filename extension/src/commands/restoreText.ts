// What a restore would do, in words: nothing is counted that does not happen.

import { l10n } from 'vscode';
import type { Action } from '../engine/protocol';
import { visible } from '../model/folder';
import { files, folders } from '../util/text';

export interface RestorePlan {
  // What appears, changes or goes: a folder only if nothing in it is listed.
  rows: Action[];
  // Files and folders of which only times or permissions change.
  metadata: number;
}

export function restorePlan(actions: readonly Action[]): RestorePlan {
  const isMetadata = (action: Action) =>
    action.action === 'metadata_local' || (action.kind === 'directory' && action.action === 'download_changed');
  return {
    rows: visible(actions.filter(action => !isMetadata(action))),
    metadata: actions.filter(isMetadata).length,
  };
}

const isFolder = (action: Action): boolean => action.kind === 'directory';

// One line for each kind of change.
export function restoreEffects({ rows, metadata }: RestorePlan): string[] {
  const count = (action: Action['action'], folder: boolean) =>
    rows.filter(row => row.action === action && isFolder(row) === folder).length;
  const lines: [number, (what: string) => string, (n: number) => string][] = [
    [count('download_new', false), what => l10n.t('Created: {0}', what), files],
    [count('download_changed', false), what => l10n.t('Replaced: {0}', what), files],
    [count('delete_local', false), what => l10n.t('Deleted: {0}', what), files],
    [count('download_new', true), what => l10n.t('Created: {0}', what), folders],
    [count('delete_local', true), what => l10n.t('Deleted: {0}', what), folders],
  ];
  const said = lines.filter(([n]) => n > 0).map(([n, say, noun]) => say(noun(n)));
  // Where files come and go, times go with them: told only if nothing else happens.
  if (said.length === 0 && metadata > 0) said.push(l10n.t('Only times or permissions change.'));
  return said;
}

// The button.
export function restoreVerb({ rows }: RestorePlan): string {
  const onlyDeletes = rows.length > 0 && rows.every(row => row.action === 'delete_local');
  const fileCount = rows.filter(row => !isFolder(row)).length;
  const folderCount = rows.length - fileCount;
  if (rows.length === 0) return l10n.t('Restore');
  if (fileCount === 1 && folderCount === 0) return onlyDeletes ? l10n.t('Delete File') : l10n.t('Restore File');
  if (fileCount === 0 && folderCount === 1) return onlyDeletes ? l10n.t('Delete Folder') : l10n.t('Restore Folder');
  const what = fileCount > 0 ? files(fileCount) : folders(folderCount);
  return onlyDeletes ? l10n.t('Delete {0}', what) : l10n.t('Restore {0}', what);
}
