// Commands on changed files: open, compare, discard, ignore.

import * as vscode from 'vscode';
import { l10n } from 'vscode';
import { toEngineError } from '../engine/errors';
import { contentUri, fileUri } from '../content/uri';
import { compareConflict } from '../conflicts/compare';
import type { FolderModel } from '../model/folder';
import { baseName, ignorePattern } from '../model/paths';
import { marksOf, originalOf, rowsOf, type Group, type Row } from '../model/rows';
import { withProgress } from '../util/progress';
import { files, listed, plain, thisComputer } from '../util/text';
import { byModel, isResource, targets, type Parts, type Target } from './context';

export async function openDiff(parts: Parts, ...args: unknown[]): Promise<void> {
  for (const target of targets(parts, args)) {
    const resource = args
      .flat()
      .filter(isResource)
      .find(each => each.row.path === target.path);
    const row = resource?.row ?? findRow(target);
    if (row?.conflict) await compareConflict(target.model, row.conflict);
    else await openRow(target.model, target.path, row);
  }
}

// What is compared for a row: left, right, and what the title calls them. One side may be missing.
export function sides(
  model: FolderModel,
  path: string,
  row: Row | undefined,
): { left?: vscode.Uri; right?: vscode.Uri; title: string } {
  const name = baseName(path);
  const latest = model.status?.latest ?? undefined;
  const here = fileUri(model, path);
  const based = (of: string) => (model.base ? contentUri(model, of, model.base) : undefined);
  switch (row?.mark) {
    case 'added':
      return { right: here, title: name };
    case 'deleted':
      return { left: based(path), title: l10n.t('{0} (deleted)', name) };
    case 'renamed':
      return {
        left: based(row.renamedFrom ?? path),
        right: here,
        title: l10n.t('{0} (Last Synced ↔ {1})', name, thisComputer()),
      };
    case 'incomingAdded':
      return { ...(latest ? { right: contentUri(model, path, latest) } : {}), title: l10n.t('{0} (incoming)', name) };
    case 'incomingDeleted':
      return { left: here, title: l10n.t('{0} (will be deleted)', name) };
    case 'incomingModified':
    case 'incomingConflict':
      return {
        left: here,
        ...(latest ? { right: contentUri(model, path, latest) } : {}),
        title: l10n.t('{0} ({1} ↔ Repository)', name, thisComputer()),
      };
    default:
      return { left: based(path), right: here, title: l10n.t('{0} (Last Synced ↔ {1})', name, thisComputer()) };
  }
}

async function openRow(model: FolderModel, path: string, row: Row | undefined): Promise<void> {
  const { left, right, title } = sides(model, path, row);
  if (left && right) await vscode.commands.executeCommand('vscode.diff', left, right, title);
  else if (left ?? right)
    await vscode.commands.executeCommand('vscode.open', left ?? right, {}, row?.mark === 'added' ? undefined : title);
}

export async function openFile(parts: Parts, ...args: unknown[]): Promise<void> {
  for (const { model, path } of targets(parts, args)) {
    const uri = fileUri(model, path);
    const exists = await vscode.workspace.fs.stat(uri).then(
      () => true,
      () => false,
    );
    if (exists) await vscode.commands.executeCommand('vscode.open', uri);
    else void vscode.window.showInformationMessage(plain(l10n.t('{0} is not in the folder.', path)));
  }
}

// As it was synced last.
export async function openLastSynced(parts: Parts, ...args: unknown[]): Promise<void> {
  for (const { model, path } of targets(parts, args)) {
    const original = originalOf(model, path);
    const title = l10n.t('{0} (last synced)', baseName(path));
    if (model.base && original)
      await vscode.commands.executeCommand('vscode.open', contentUri(model, original, model.base), {}, title);
    else void vscode.window.showInformationMessage(plain(l10n.t('{0} was never synced.', path)));
  }
}

export async function revealInExplorer(parts: Parts, ...args: unknown[]): Promise<void> {
  const target = targets(parts, args)[0];
  if (target) await vscode.commands.executeCommand('revealInExplorer', fileUri(target.model, target.path));
}

// All files of a group beside each other.
export async function openAllChanges(parts: Parts, argument?: unknown): Promise<void> {
  const found = argument ? parts.scm.findGroup(argument as vscode.SourceControlResourceGroup) : undefined;
  const rows = found
    ? parts.scm
        .of(found.scm.model)!
        .resources(found.group)
        .map(({ model, row }) => ({ model, row }))
    : parts.registry.linked.flatMap(model => rowsOf(model).changes.map(row => ({ model, row })));
  const shown = rows
    .filter(({ row }) => row.kind === 'file')
    .map(({ model, row }): [vscode.Uri, vscode.Uri | undefined, vscode.Uri | undefined] => {
      const { left, right } = row.conflict?.remote_version
        ? { left: contentUri(model, row.path, row.conflict.remote_version), right: fileUri(model, row.path) }
        : sides(model, row.path, row);
      return [fileUri(model, row.path), left, right];
    });
  if (shown.length === 0) void vscode.window.showInformationMessage(l10n.t('There are no changes.'));
  else await vscode.commands.executeCommand('vscode.changes', groupTitle(found?.group), shown);
}

function groupTitle(group: Group | undefined): string {
  switch (group) {
    case 'conflicts':
      return l10n.t('Mikura: Conflicts');
    case 'incoming':
      return l10n.t('Mikura: Incoming');
    default:
      return l10n.t('Mikura: Changes');
  }
}

export async function discard(parts: Parts, ...args: unknown[]): Promise<void> {
  for (const [model, paths] of byModel(targets(parts, args))) await discardPaths(parts, model, paths);
}

export async function discardAll(parts: Parts, argument?: unknown): Promise<void> {
  const found = argument
    ? (parts.scm.findGroup(argument as vscode.SourceControlResourceGroup)?.scm.model ??
      parts.scm.find(argument as vscode.SourceControl)?.model)
    : undefined;
  for (const model of found ? [found] : parts.registry.linked) {
    const paths = rowsOf(model).changes.map(row => row.path);
    if (paths.length > 0) await discardPaths(parts, model, paths);
  }
}

async function discardPaths(parts: Parts, model: FolderModel, paths: string[]): Promise<void> {
  const rows = rowsOf(model).changes.filter(row =>
    paths.some(path => row.path === path || row.path.startsWith(`${path}/`)),
  );
  if (rows.length === 0) {
    void vscode.window.showInformationMessage(l10n.t('There are no changes.'));
    return;
  }
  const added = rows.filter(row => row.mark === 'added');
  const text =
    rows.length === 1 && added.length === 1
      ? l10n.t('Delete {0}, which was never synced?', baseName(rows[0]!.path))
      : rows.length === 1
        ? l10n.t('Discard the changes of {0}?', baseName(rows[0]!.path))
        : l10n.t('Discard the changes of {0}?', files(rows.length));
  const verb = rows.length === 1 && added.length === 1 ? l10n.t('Delete File') : l10n.t('Discard Changes');
  const detail = [
    rows.length > 1 ? listed(rows.map(row => row.path)) : '',
    l10n.t('A copy of what is replaced or removed stays in .mikura/backup.'),
  ]
    .filter(Boolean)
    .join('\n\n');
  if ((await vscode.window.showWarningMessage(text, { modal: true, detail }, verb)) !== verb) return;
  try {
    // The old name of a rename comes back, too.
    const all = [...new Set(rows.flatMap(row => [row.path, ...(row.renamedFrom ? [row.renamedFrom] : [])]))];
    await withProgress(model, 'discard', l10n.t('Discarding changes'), ({ signal }) =>
      parts.engine.request('discard', { folder: model.folder, paths: all }, { signal }),
    );
  } catch (caught) {
    parts.notify.failed(l10n.t('The changes were not discarded'), toEngineError(caught));
  }
  void model.refresh({ remote: false });
}

export async function addToIgnore(parts: Parts, ...args: unknown[]): Promise<void> {
  for (const [model, paths] of byModel(targets(parts, args))) {
    const uri = fileUri(model, '.mikuraignore');
    const document = await vscode.workspace.openTextDocument(uri).then(
      found => found,
      () => undefined,
    );
    const before = document?.getText() ?? '';
    const patterns = await Promise.all(
      paths.map(async path => {
        const info = await vscode.workspace.fs.stat(fileUri(model, path)).then(
          found => found,
          () => undefined,
        );
        return ignorePattern(path, info?.type === vscode.FileType.Directory);
      }),
    );
    const known = new Set(before.split(/\r?\n/));
    const fresh = patterns.filter(pattern => !known.has(pattern));
    if (fresh.length > 0) {
      const text = `${before === '' || before.endsWith('\n') ? '' : '\n'}${fresh.join('\n')}\n`;
      if (document) {
        const edit = new vscode.WorkspaceEdit();
        edit.insert(uri, document.lineAt(document.lineCount - 1).range.end, text);
        await vscode.workspace.applyEdit(edit);
        await document.save();
      } else {
        await vscode.workspace.fs.writeFile(uri, Buffer.from(text));
      }
    }
    parts.engine.notify('watch/hint', { folder: model.folder });
    await vscode.window.showTextDocument(uri);
    void model.refresh({ remote: false });
  }
}

export function findRow({ model, path }: Target): Row | undefined {
  return marksOf(rowsOf(model)).get(path);
}
