// Settling conflicts: keep one side, keep both, merge.

import * as vscode from 'vscode';
import { l10n } from 'vscode';
import { compareConflict, sidesOf } from '../conflicts/compare';
import { isLikelyBinary } from '../conflicts/kind';
import { acceptMerge, openMergeEditor } from '../conflicts/merge';
import type { Snapshots } from '../content/snapshots';
import { fileUri } from '../content/uri';
import { toEngineError } from '../engine/errors';
import type { Conflict, Resolution } from '../engine/protocol';
import type { FolderModel } from '../model/folder';
import { baseName } from '../model/paths';
import { withProgress } from '../util/progress';
import { files, listed, plain, shortTime } from '../util/text';
import { targetOf, targets, type Parts } from './context';
import { ensureKey } from './keys';

interface InConflict {
  model: FolderModel;
  conflict: Conflict;
}

// The conflicts that a command was called on; without any, all of them are offered.
async function chosen(parts: Parts, args: readonly unknown[]): Promise<InConflict[]> {
  const called = targets(parts, args).flatMap(({ model, path }) => {
    const conflict = model.conflicts.find(each => each.path === path || each.copy === path);
    return conflict ? [{ model, conflict }] : [];
  });
  if (called.length > 0) return called;
  const all = parts.registry.linked.flatMap(model => model.conflicts.map(conflict => ({ model, conflict })));
  if (all.length <= 1) return all;
  const items = all.map(each => ({
    label: `$(git-merge) ${baseName(each.conflict.path)}`,
    description: each.conflict.path,
    each,
  }));
  const picked = await vscode.window.showQuickPick(items, {
    title: l10n.t('Resolve Conflict'),
    placeHolder: l10n.t('Which file?'),
    matchOnDescription: true,
  });
  return picked ? [picked.each] : [];
}

export async function resolveWith(parts: Parts, resolution: Resolution, ...args: unknown[]): Promise<void> {
  const list = await chosen(parts, args);
  if (list.length === 0) return;
  if (resolution === 'take_remote' && !(await confirmTakeRemote(list))) return;
  await resolve(parts, list, resolution);
}

export async function resolveAll(
  parts: Parts,
  resolution: 'keep_local' | 'take_remote',
  argument?: unknown,
): Promise<void> {
  const scm = argument
    ? (parts.scm.findGroup(argument as vscode.SourceControlResourceGroup)?.scm ??
      parts.scm.find(argument as vscode.SourceControl))
    : undefined;
  const list = (scm ? [scm.model] : parts.registry.linked).flatMap(model =>
    model.conflicts.map(conflict => ({ model, conflict })),
  );
  if (list.length === 0) return;
  const text =
    resolution === 'keep_local'
      ? l10n.t("Keep this computer's side of {0}?", files(list.length))
      : l10n.t("Take the repository's side of {0}?", files(list.length));
  const verb =
    resolution === 'keep_local' ? l10n.t('Keep {0}', files(list.length)) : l10n.t('Take {0}', files(list.length));
  const detail = [
    listed(list.map(each => each.conflict.path)),
    l10n.t('The other side stays in the history or in .mikura/backup.'),
  ].join('\n\n');
  if ((await vscode.window.showWarningMessage(text, { modal: true, detail }, verb)) === verb)
    await resolve(parts, list, resolution);
}

async function confirmTakeRemote(list: readonly InConflict[]): Promise<boolean> {
  const first = list[0]!;
  const { remoteName } = await sidesOf(first.model, first.conflict);
  const text =
    list.length === 1
      ? l10n.t('Replace {0} by the version of {1}?', baseName(first.conflict.path), remoteName)
      : l10n.t("Take the repository's side of {0}?", files(list.length));
  const verb = list.length === 1 ? l10n.t('Replace File') : l10n.t('Take {0}', files(list.length));
  return (
    (await vscode.window.showWarningMessage(
      text,
      { modal: true, detail: l10n.t('A copy of what is replaced or removed stays in .mikura/backup.') },
      verb,
    )) === verb
  );
}

async function resolve(parts: Parts, list: readonly InConflict[], resolution: Resolution): Promise<void> {
  for (const { model, conflict } of list) {
    try {
      if (resolution !== 'keep_local' && !(await ensureKey(parts, model))) return;
      parts.folders.flushUnsaved(model);
      const answer = await withProgress(
        model,
        'resolve',
        l10n.t('Resolving {0}', baseName(conflict.path)),
        ({ signal, onProgress }) =>
          parts.engine.request(
            'resolve',
            { folder: model.folder, path: conflict.path, resolution },
            { signal, onProgress },
          ),
      );
      const keptAs = answer.kept_as;
      const text = keptAs
        ? l10n.t('{0}: the other side is kept as {1}', baseName(conflict.path), baseName(keptAs))
        : l10n.t('{0}: conflict resolved', baseName(conflict.path));
      vscode.window.setStatusBarMessage(`$(check) ${text}`, 5000);
    } catch (caught) {
      const error = toEngineError(caught);
      if (resolution === 'merge' && error.code === 'conflict') void offerMergeEditor(model, conflict);
      else parts.notify.failed(l10n.t('{0} was not resolved', baseName(conflict.path)), error);
    }
  }
  for (const model of new Set(list.map(each => each.model))) {
    parts.engine.notify('watch/hint', { folder: model.folder });
    await model.refresh({ remote: false });
  }
}

export async function hideNotices(parts: Parts): Promise<void> {
  await vscode.workspace
    .getConfiguration('mikura')
    .update('showConflictNotifications', false, vscode.ConfigurationTarget.Global);
  for (const model of parts.registry.all) parts.notify.settled(`${model.folder} conflicts`);
}

async function offerMergeEditor(model: FolderModel, conflict: Conflict): Promise<void> {
  const open = l10n.t('Open Merge Editor');
  const text = plain(l10n.t('Both sides changed the same lines of {0}.', baseName(conflict.path)));
  if ((await vscode.window.showInformationMessage(text, open)) !== open) return;
  await vscode.commands.executeCommand('mikura.resolve.openMergeEditor', fileUri(model, conflict.path));
}

export async function compare(parts: Parts, ...args: unknown[]): Promise<void> {
  for (const { model, conflict } of await chosen(parts, args)) await compareConflict(model, conflict);
}

export async function mergeInEditor(parts: Parts, snapshots: Snapshots, ...args: unknown[]): Promise<void> {
  for (const each of await chosen(parts, args)) {
    if (!(await ensureKey(parts, each.model))) return;
    const opened = await openMergeEditor(parts, snapshots, each.model, each.conflict).catch(error => {
      parts.log.warn(`opening the merge editor: ${String(error)}`);
      return false;
    });
    if (!opened) await pickResolution(parts, snapshots, each);
  }
}

export async function completeMerge(parts: Parts, argument?: unknown): Promise<void> {
  const merged = await acceptMerge(argument instanceof vscode.Uri ? argument : undefined);
  const target = merged && targetOf(parts, merged);
  const conflict = target?.model.conflicts.find(each => each.path === target.path);
  if (target && conflict) await resolve(parts, [{ model: target.model, conflict }], 'keep_local');
}

// All ways out of one conflict, with both sides named.
export async function pick(parts: Parts, snapshots: Snapshots, ...args: unknown[]): Promise<void> {
  for (const each of await chosen(parts, args)) await pickResolution(parts, snapshots, each);
}

async function pickResolution(parts: Parts, snapshots: Snapshots, { model, conflict }: InConflict): Promise<void> {
  const sides = await sidesOf(model, conflict);
  const changed = await vscode.workspace.fs.stat(sides.local).then(
    info => info.mtime,
    () => 0,
  );
  const isText = !isLikelyBinary(conflict.path) && conflict.remote_kind !== 'directory';
  interface Item extends vscode.QuickPickItem {
    run: () => Promise<void>;
  }
  const uri = fileUri(model, conflict.path);
  const items: Item[] = [
    ...(isText
      ? [
          {
            label: `$(git-merge) ${l10n.t('Resolve in Merge Editor')}`,
            run: () => mergeInEditor(parts, snapshots, uri),
          },
        ]
      : []),
    {
      label: `$(device-desktop) ${l10n.t('Keep the file of this computer')}`,
      description: changed ? shortTime(changed) : undefined,
      run: () => resolveWith(parts, 'keep_local', uri),
    },
    {
      label: `$(cloud-download) ${l10n.t('Take the file of the repository')}`,
      description: sides.remoteName,
      run: () => resolveWith(parts, 'take_remote', uri),
    },
    { label: `$(files) ${l10n.t('Keep both files')}`, run: () => resolveWith(parts, 'keep_both', uri) },
    ...(conflict.remote_kind === 'directory'
      ? []
      : [
          {
            label: `$(git-compare) ${l10n.t('Compare both sides')}`,
            run: () => compareConflict(model, conflict),
          },
        ]),
  ];
  const picked = await vscode.window.showQuickPick(items, {
    title: l10n.t('Resolve {0}', conflict.path),
    placeHolder: l10n.t('It was changed here and in the repository'),
  });
  await picked?.run();
}
