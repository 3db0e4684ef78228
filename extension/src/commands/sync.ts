// Sync, push, pull and their preview; pause and resume.

import * as vscode from 'vscode';
import { l10n } from 'vscode';
import { toEngineError, type EngineError } from '../engine/errors';
import type { Action, SyncMode, SyncResult } from '../engine/protocol';
import { unsavedDocuments } from '../folders';
import { visible, type FolderModel } from '../model/folder';
import * as config from '../util/config';
import { withProgress } from '../util/progress';
import { changes, conflicts, files, listed } from '../util/text';
import { pickFolder, type Parts } from './context';
import { ensureKey, requireKit } from './keys';

export interface SyncOptions {
  mode: SyncMode;
  interactive: boolean;
  first?: boolean;
  allowMassChange?: boolean;
}

const titles: Record<SyncMode, () => string> = {
  sync: () => l10n.t('Syncing'),
  push: () => l10n.t('Pushing'),
  pull: () => l10n.t('Pulling'),
};

export async function syncCommand(parts: Parts, mode: SyncMode, argument?: unknown): Promise<void> {
  const model = await pickFolder(parts, argument);
  if (model) await runSync(parts, model, { mode, interactive: true });
}

export async function runSync(parts: Parts, model: FolderModel, options: SyncOptions): Promise<void> {
  if (!(await ensureKey(parts, model))) return;
  const publishes = options.mode !== 'pull';
  if (
    publishes &&
    model.repository &&
    parts.folders.kitPending(model.repository) &&
    !(await requireKit(parts, model, true))
  )
    return;
  if (options.interactive && !options.first && !(await offerToSave(model))) return;
  parts.folders.flushUnsaved(model);
  const box = parts.scm.of(model)?.control.inputBox;
  const message = publishes ? (box?.value.trim() ?? '') : '';
  try {
    const result = await withProgress(model, options.mode, titles[options.mode](), ({ signal, onProgress }) =>
      parts.engine.request(
        'sync',
        {
          folder: model.folder,
          mode: options.mode,
          ...(message ? { message } : {}),
          ...(options.allowMassChange ? { allow_mass_change: true } : {}),
        },
        { signal, onProgress },
      ),
    );
    if (box && result.published && box.value.trim() === message) box.value = '';
    await finished(parts, model, options, result);
  } catch (caught) {
    await failed(parts, model, options, toEngineError(caught));
  }
}

async function finished(parts: Parts, model: FolderModel, options: SyncOptions, result: SyncResult): Promise<void> {
  model.noteKey('present');
  if (options.mode !== 'push' && !result.remote_has_more) model.noteIncoming([]);
  parts.history.reload();
  void model.refresh({ remote: true });
  const held = result.held?.length ?? 0;
  const done = visible(result.actions).length;
  const text =
    result.conflicts.length > 0
      ? conflicts(result.conflicts.length)
      : held > 0
        ? l10n.t('{0} left alone because of unsaved changes', files(held))
        : result.published
          ? l10n.t('{0} synced as a new version', changes(Math.max(1, done)))
          : done > 0
            ? l10n.t('{0} synced', changes(done))
            : l10n.t('Everything is in sync');
  const icon = result.conflicts.length > 0 ? 'git-merge' : held > 0 ? 'info' : 'check';
  vscode.window.setStatusBarMessage(`$(${icon}) ${model.name}: ${text}`, 5000);
}

async function failed(parts: Parts, model: FolderModel, options: SyncOptions, error: EngineError): Promise<void> {
  void model.refresh({ remote: false });
  if (error.code === 'refused' && error.actions.length > 0 && !options.allowMassChange) {
    if (await confirmMassChange(model.name, error.actions))
      await runSync(parts, model, { ...options, allowMassChange: true });
    return;
  }
  parts.notify.failed(l10n.t('Sync of {0}', model.name), error);
}

// The guard stopped it: shows what would be lost, and where.
export async function confirmMassChange(name: string, actions: readonly Action[]): Promise<boolean> {
  const here = actions.filter(action => action.action === 'delete_local' || action.action === 'download_changed');
  const there = actions.filter(action => action.action === 'delete_remote' || action.action === 'upload_changed');
  const side = here.length >= there.length ? here : there;
  const deleted = side.filter(action => action.action.startsWith('delete') && action.kind !== 'directory').length;
  const replaced = side.filter(action => !action.action.startsWith('delete')).length;
  const text = massChangeText(side === here, deleted, replaced, name);
  const verb =
    deleted === 0
      ? l10n.t('Replace {0}', files(replaced))
      : replaced === 0
        ? l10n.t('Delete {0}', files(deleted))
        : l10n.t('Delete and Replace {0}', files(deleted + replaced));
  const answer = await vscode.window.showWarningMessage(
    text,
    { modal: true, detail: listed(side.map(action => action.path)) },
    verb,
  );
  return answer === verb;
}

export function massChangeText(here: boolean, deleted: number, replaced: number, name: string): string {
  if (replaced === 0)
    return here
      ? l10n.t('This would delete {0} in {1}, more than half of it.', files(deleted), name)
      : l10n.t('This would delete {0} in the repository of {1}, more than half of it.', files(deleted), name);
  if (deleted === 0)
    return here
      ? l10n.t('This would replace {0} in {1}, more than half of it.', files(replaced), name)
      : l10n.t('This would replace {0} in the repository of {1}, more than half of it.', files(replaced), name);
  const counts: [string, string] = [files(deleted), files(replaced)];
  return here
    ? l10n.t('This would delete {0} and replace {1} in {2}, more than half of it.', ...counts, name)
    : l10n.t('This would delete {0} and replace {1} in the repository of {2}, more than half of it.', ...counts, name);
}

export async function previewSync(parts: Parts, argument?: unknown): Promise<void> {
  const model = await pickFolder(parts, argument);
  if (!model || !(await ensureKey(parts, model))) return;
  try {
    const result = await withProgress(
      model,
      'check',
      l10n.t('Checking what a sync would do'),
      ({ signal, onProgress }) =>
        parts.engine.request(
          'sync',
          { folder: model.folder, mode: 'sync', dry_run: true, allow_mass_change: true },
          { signal, onProgress },
        ),
    );
    await showPreview(parts, model, result.actions);
  } catch (caught) {
    parts.notify.failed(l10n.t('Preview of {0}', model.name), toEngineError(caught));
  }
}

async function showPreview(parts: Parts, model: FolderModel, actions: readonly Action[]): Promise<void> {
  interface Item extends vscode.QuickPickItem {
    path?: string;
    sync?: boolean;
  }
  const section = (label: string, kinds: Action['action'][]): Item[] => {
    const found = actions.filter(action => kinds.includes(action.action));
    if (found.length === 0) return [];
    return [
      { label: `${label} (${found.length})`, kind: vscode.QuickPickItemKind.Separator },
      ...found.map(action => ({
        label: `${icons[action.action]} ${action.path}`,
        description: verbs[action.action](),
        path: action.path,
      })),
    ];
  };
  const items: Item[] = [
    ...section(l10n.t('Conflicts'), ['conflict']),
    ...section(l10n.t('From the repository'), ['download_new', 'download_changed', 'delete_local']),
    ...section(l10n.t('To the repository'), ['upload_new', 'upload_changed', 'delete_remote']),
  ];
  if (items.length === 0) {
    void vscode.window.showInformationMessage(l10n.t('Everything is in sync: there is nothing to do.'));
    return;
  }
  const picked = await vscode.window.showQuickPick<Item>(
    [{ label: `$(sync) ${l10n.t('Sync Now')}`, sync: true }, ...items],
    {
      title: l10n.t('What a Sync of {0} Would Do', model.name),
      placeHolder: l10n.t('Nothing has been changed yet'),
      matchOnDescription: true,
    },
  );
  if (picked?.sync) await runSync(parts, model, { mode: 'sync', interactive: true });
  else if (picked?.path)
    await vscode.commands.executeCommand(
      'mikura.openDiff',
      vscode.Uri.joinPath(vscode.Uri.file(model.root), picked.path),
    );
}

const icons: Record<Action['action'], string> = {
  download_new: '$(diff-added)',
  download_changed: '$(diff-modified)',
  delete_local: '$(diff-removed)',
  metadata_local: '$(clock)',
  upload_new: '$(diff-added)',
  upload_changed: '$(diff-modified)',
  delete_remote: '$(diff-removed)',
  conflict: '$(git-merge)',
};

export const verbs: Record<Action['action'], () => string> = {
  download_new: () => l10n.t('new here'),
  download_changed: () => l10n.t('replaced here'),
  delete_local: () => l10n.t('deleted here'),
  metadata_local: () => l10n.t('time only'),
  upload_new: () => l10n.t('added to the repository'),
  upload_changed: () => l10n.t('changed in the repository'),
  delete_remote: () => l10n.t('deleted in the repository'),
  conflict: () => l10n.t('changed on both sides'),
};

// Unsaved text is not synced; who asks for a sync may want it saved first. False = cancelled.
async function offerToSave(model: FolderModel): Promise<boolean> {
  const unsaved = unsavedDocuments(model);
  if (unsaved.length === 0 || !config.promptToSave(model.folder)) return true;
  const save = l10n.t('Save All and Sync');
  const go = l10n.t('Sync Without Saving');
  const text =
    unsaved.length === 1
      ? l10n.t('1 file has unsaved changes.')
      : l10n.t('{0} files have unsaved changes.', unsaved.length);
  const answer = await vscode.window.showWarningMessage(
    text,
    { modal: true, detail: l10n.t('Only what is saved is synced.') },
    save,
    go,
  );
  if (answer === save) await Promise.all(unsaved.map(document => document.save()));
  return answer !== undefined;
}

export async function pauseSync(parts: Parts): Promise<void> {
  const items = [
    { label: l10n.t('For 30 minutes'), seconds: 1800 },
    { label: l10n.t('For 2 hours'), seconds: 7200 },
    { label: l10n.t('For 8 hours'), seconds: 28_800 },
    { label: l10n.t('Until I resume it'), seconds: null },
  ];
  const picked = await vscode.window.showQuickPick(items, {
    title: l10n.t('Pause Automatic Sync'),
    placeHolder: l10n.t('You can still sync by hand'),
  });
  if (picked)
    await everywhere(parts, model =>
      parts.engine.request('watch/pause', { folder: model.folder, seconds: picked.seconds }),
    );
}

export async function resumeSync(parts: Parts): Promise<void> {
  await everywhere(parts, model => parts.engine.request('watch/resume', { folder: model.folder }));
}

async function everywhere(parts: Parts, work: (model: FolderModel) => Promise<unknown>): Promise<void> {
  for (const model of parts.registry.linked) {
    await work(model).catch(error => parts.notify.failed(model.name, toEngineError(error)));
  }
}

export async function refresh(parts: Parts, argument?: unknown): Promise<void> {
  const models = argument ? [await pickFolder(parts, argument)] : parts.registry.linked;
  await Promise.all(
    models.map(async model => {
      if (!model || !(await ensureKey(parts, model))) return;
      await model.run('check', () => model.refresh({ remote: true }));
    }),
  );
  parts.history.reload();
}
