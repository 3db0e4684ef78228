// Restore a file, a folder or everything as it was in a version. Always with a preview of what would change here;
// what is replaced goes to the backup.

import * as vscode from 'vscode';
import { l10n } from 'vscode';
import { contentUri, fileUri } from '../content/uri';
import { toEngineError } from '../engine/errors';
import type { Action, Version } from '../engine/protocol';
import type { FolderModel } from '../model/folder';
import { baseName, folderName } from '../model/paths';
import { withProgress } from '../util/progress';
import { ago, listed, plain, shortId, versionLabel, versionTitle } from '../util/text';
import { pickFolder, targets, type Parts } from './context';
import { isFileNode, isVersionNode } from './history';
import { ensureKey } from './keys';
import { restoreEffects, restorePlan, restoreVerb, type RestorePlan } from './restoreText';
import { confirmMassChange } from './sync';

interface What {
  model: FolderModel;
  version: Version;
  paths: string[];
}

export async function restoreFile(parts: Parts, ...args: unknown[]): Promise<void> {
  const node = args[0];
  if (isFileNode(node)) {
    // A version that deleted the file has none: what it deleted is meant.
    const version = node.change.after ? node.version : await versionBefore(parts, node.history.model, node.version);
    if (version) await restore(parts, { model: node.history.model, version, paths: [node.change.path] });
    return;
  }
  const target = targets(parts, args)[0];
  if (!target || !(await ensureKey(parts, target.model))) return;
  const version = await pickVersion(parts, target.model, target.path);
  if (version) await restore(parts, { model: target.model, version, paths: [target.path] });
}

export async function restoreFolder(parts: Parts, ...args: unknown[]): Promise<void> {
  const node = args[0];
  if (isVersionNode(node)) {
    const path = await pickFolderOf(parts, node.history.model, node.version);
    if (path) await restore(parts, { model: node.history.model, version: node.version, paths: [path] });
    return;
  }
  await restoreFile(parts, ...args);
}

export async function restoreVersion(parts: Parts, node: unknown): Promise<void> {
  const chosen = await versionOf(parts, node);
  if (chosen) await restore(parts, { ...chosen, paths: [] });
}

// Into another folder, where nothing is overwritten.
export async function restoreAs(parts: Parts, node: unknown): Promise<void> {
  const chosen = await versionOf(parts, node);
  if (!chosen) return;
  const picked = await vscode.window.showOpenDialog({
    canSelectFiles: false,
    canSelectFolders: true,
    openLabel: l10n.t('Restore Here'),
    title: l10n.t('Restore {0} to Another Folder', versionTitle(chosen.version)),
  });
  const parent = picked?.[0];
  if (!parent) return;
  const name = `${chosen.model.name}-${shortId(chosen.version.version)}`;
  const target = await freeName(parent, name);
  try {
    await withProgress(chosen.model, 'restore', l10n.t('Restoring to {0}', target.fsPath), ({ signal, onProgress }) =>
      parts.engine.request(
        'restore',
        {
          folder: chosen.model.folder,
          version: chosen.version.version,
          to_folder: target.fsPath,
        },
        { signal, onProgress },
      ),
    );
    const open = l10n.t('Open Folder');
    const answer = await vscode.window.showInformationMessage(plain(l10n.t('Restored to {0}', target.fsPath)), open);
    if (answer === open) await vscode.commands.executeCommand('vscode.openFolder', target, { forceNewWindow: true });
  } catch (caught) {
    parts.notify.failed(l10n.t('Restore'), toEngineError(caught));
  }
}

async function restore(parts: Parts, what: What): Promise<void> {
  const { model, version, paths } = what;
  const call = (dryRun: boolean, allow: boolean) =>
    withProgress(
      model,
      dryRun ? 'check' : 'restore',
      dryRun ? l10n.t('Checking what a restore would do') : l10n.t('Restoring'),
      ({ signal, onProgress }) =>
        parts.engine.request(
          'restore',
          {
            folder: model.folder,
            version: version.version,
            ...(paths.length > 0 ? { paths } : {}),
            dry_run: dryRun,
            ...(allow ? { allow_mass_change: true } : {}),
          },
          { signal, onProgress },
        ),
    );
  try {
    const plan = restorePlan((await call(true, true)).actions);
    if (restoreEffects(plan).length === 0) {
      void vscode.window.showInformationMessage(l10n.t('Nothing to restore: it is already as in this version.'));
      return;
    }
    if (!(await confirmRestore(what, plan))) return;
    try {
      await call(false, false);
    } catch (caught) {
      const error = toEngineError(caught);
      if (error.code !== 'refused' || error.actions.length === 0) throw error;
      if (!(await confirmMassChange(model.name, error.actions))) return;
      await call(false, true);
    }
    vscode.window.setStatusBarMessage(
      `$(check) ${l10n.t('{0}: restored as of {1}', model.name, versionLabel(version))}`,
      5000,
    );
    parts.engine.notify('watch/hint', { folder: model.folder });
  } catch (caught) {
    parts.notify.failed(l10n.t('Restore'), toEngineError(caught));
  }
  void model.refresh({ remote: false });
}

// Shows what would change, one by one; each can be looked at before anything happens.
async function confirmRestore({ model, version, paths }: What, plan: RestorePlan): Promise<boolean> {
  const text =
    paths.length === 1
      ? l10n.t('Restore {0} as of {1}?', baseName(paths[0]!), versionLabel(version))
      : l10n.t('Restore all files as of {0}?', versionLabel(version));
  const detail = [
    restoreEffects(plan).join('\n'),
    listed(plan.rows.map(action => `${signs[action.action] ?? ' '} ${action.path}`)),
    l10n.t('What is replaced or deleted stays in .mikura/backup. Nothing is published until the next sync.'),
  ]
    .filter(Boolean)
    .join('\n\n');
  const verb = restoreVerb(plan);
  const look = l10n.t('Show Differences');
  const differs = plan.rows.some(action => action.kind === 'file');
  const answer = await vscode.window.showWarningMessage(
    text,
    { modal: true, detail },
    verb,
    ...(differs ? [look] : []),
  );
  if (answer === look) await showDifferences(model, version, plan.rows);
  return answer === verb;
}

const signs: Partial<Record<Action['action'], string>> = {
  download_new: '+',
  download_changed: '~',
  delete_local: '−',
};

async function showDifferences(model: FolderModel, version: Version, preview: readonly Action[]): Promise<void> {
  const rows = preview
    .filter(action => action.kind === 'file')
    .map(action => [
      fileUri(model, action.path),
      action.action === 'download_new' ? undefined : fileUri(model, action.path),
      action.action === 'delete_local' ? undefined : contentUri(model, action.path, version.version),
    ]);
  await vscode.commands.executeCommand(
    'vscode.changes',
    l10n.t('What a restore of {0} would change', shortId(version.version)),
    rows,
  );
}

async function versionOf(parts: Parts, node: unknown): Promise<{ model: FolderModel; version: Version } | undefined> {
  if (isVersionNode(node)) return { model: node.history.model, version: node.version };
  const model = await pickFolder(parts);
  if (!model || !(await ensureKey(parts, model))) return undefined;
  const version = await pickVersion(parts, model, undefined);
  return version && { model, version };
}

async function pickVersion(parts: Parts, model: FolderModel, path: string | undefined): Promise<Version | undefined> {
  try {
    const { versions } = await parts.engine.request('history/list', {
      folder: model.folder,
      limit: 200,
      ...(path ? { path } : {}),
    });
    const items = versions.map(version => ({
      label: `$(git-commit) ${versionTitle(version)}`,
      description: `${version.device} · ${ago(version.created_ms)}`,
      detail: `${version.author} · ${shortId(version.version)}`,
      version,
    }));
    if (items.length === 0) void vscode.window.showInformationMessage(l10n.t('No version has changed it.'));
    else
      return (
        await vscode.window.showQuickPick(items, {
          title: l10n.t('Restore {0}', path ?? model.name),
          placeHolder: l10n.t('As it was in which version?'),
          matchOnDescription: true,
          matchOnDetail: true,
        })
      )?.version;
  } catch (caught) {
    parts.notify.failed(l10n.t('Restore'), toEngineError(caught));
  }
  return undefined;
}

async function pickFolderOf(parts: Parts, model: FolderModel, version: Version): Promise<string | undefined> {
  try {
    const { entries } = await parts.engine.request('version/entries', {
      folder: model.folder,
      version: version.version,
    });
    const folders = new Set(entries.map(entry => (entry.kind === 'directory' ? entry.path : folderName(entry.path))));
    folders.delete('');
    return await vscode.window.showQuickPick([...folders].sort(), {
      title: l10n.t('Restore Folder'),
      placeHolder: l10n.t('Which folder?'),
    });
  } catch (caught) {
    parts.notify.failed(l10n.t('Restore'), toEngineError(caught));
    return undefined;
  }
}

async function versionBefore(parts: Parts, model: FolderModel, version: Version): Promise<Version | undefined> {
  if (!version.parent) return undefined;
  return parts.engine
    .request('history/version', { folder: model.folder, version: version.parent })
    .catch(() => undefined);
}

async function freeName(parent: vscode.Uri, name: string): Promise<vscode.Uri> {
  for (let n = 1; ; n += 1) {
    const uri = vscode.Uri.joinPath(parent, n === 1 ? name : `${name}-${n}`);
    const taken = await vscode.workspace.fs.stat(uri).then(
      () => true,
      () => false,
    );
    if (!taken) return uri;
  }
}
