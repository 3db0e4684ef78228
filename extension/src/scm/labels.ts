// What the marks of files are called.

import { l10n } from 'vscode';
import type { FolderModel } from '../model/folder';
import type { Row } from '../model/rows';
import * as config from '../util/config';

export function markTooltip(row: Row): string {
  switch (row.mark) {
    case 'conflict':
      return l10n.t('Conflict: changed here and in the repository');
    case 'conflictCopy':
      return l10n.t('The other side of the conflict about {0}', row.conflict?.path ?? '');
    case 'added':
      return l10n.t('Added');
    case 'modified':
      return l10n.t('Modified');
    case 'deleted':
      return l10n.t('Deleted');
    case 'renamed':
      return l10n.t('Renamed from {0}', row.renamedFrom ?? '');
    case 'incomingAdded':
      return l10n.t('Incoming: added in the repository');
    case 'incomingModified':
      return l10n.t('Incoming: modified in the repository');
    case 'incomingDeleted':
      return l10n.t('Incoming: deleted in the repository');
    case 'incomingConflict':
      return l10n.t('Incoming: changed in the repository, too; will be a conflict');
  }
}

// Says in the tooltip why a change may not have been synced yet.
export function autoSyncHint(model: FolderModel): string {
  if (model.paused) return ` · ${l10n.t('automatic sync is paused')}`;
  return config.autoSyncMode(model.folder) === 'off' ? ` · ${l10n.t('automatic sync is off')}` : '';
}
