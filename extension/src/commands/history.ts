// Commands of the history: look at versions, compare them, filter by a file.

import * as vscode from 'vscode';
import { l10n } from 'vscode';
import { contentUri, emptyUri, fileUri } from '../content/uri';
import { toEngineError } from '../engine/errors';
import type { Change, Side, Version } from '../engine/protocol';
import type { FolderModel } from '../model/folder';
import { visibleChanges } from '../model/history';
import { baseName } from '../model/paths';
import { shortId, shortTime, thisComputer, versionTitle } from '../util/text';
import type { Node } from '../views/historyTree';
import { targets, type Parts } from './context';
import { ensureKey } from './keys';

export type VersionNode = Extract<Node, { type: 'version' }>;
export type FileNode = Extract<Node, { type: 'file' }>;

export const isVersionNode = (value: unknown): value is VersionNode => isNode(value) && value.type === 'version';
export const isFileNode = (value: unknown): value is FileNode => isNode(value) && value.type === 'file';
function isNode(value: unknown): value is Node {
  return typeof value === 'object' && value !== null && 'type' in value && 'history' in value;
}

export async function showFileHistory(parts: Parts, ...args: unknown[]): Promise<void> {
  const node = args[0];
  const target = isFileNode(node) ? { model: node.history.model, path: node.change.path } : targets(parts, args)[0];
  if (!target) {
    void vscode.window.showInformationMessage(l10n.t('Open a file of a folder with a repository first.'));
    return;
  }
  if (!(await ensureKey(parts, target.model))) return;
  parts.history.show(target);
  await vscode.commands.executeCommand('mikura.history.focus');
}

export async function openDiff(node: unknown): Promise<void> {
  if (!isFileNode(node)) return;
  const { history, version, change } = node;
  if ((change.after ?? change.before)?.kind === 'directory') return;
  const { left, right } = diffSides(history.model, change, version.parent ?? undefined, version.version);
  const title = `${baseName(change.path)} (${label(version)})`;
  if (left && right) await vscode.commands.executeCommand('vscode.diff', left, right, title);
  else await vscode.commands.executeCommand('vscode.open', right ?? left, {}, title);
}

export async function openVersionChanges(parts: Parts, node: unknown): Promise<void> {
  if (!isVersionNode(node)) return;
  await attempt(parts, l10n.t('Open Changes'), async () => {
    const changes = await node.history.changesOf(node.version);
    await openMany(
      node.history.model,
      changes,
      `${versionTitle(node.version)} (${label(node.version)})`,
      node.version.parent ?? undefined,
      node.version.version,
    );
  });
}

export async function openFileAtVersion(node: unknown): Promise<void> {
  if (!isFileNode(node)) return;
  const { history, version, change } = node;
  const at = change.after ? version.version : version.parent;
  if (!at || (change.after ?? change.before)?.kind === 'directory') return;
  await vscode.commands.executeCommand(
    'vscode.open',
    contentUri(history.model, change.path, at),
    { preview: true },
    `${baseName(change.path)} (${label(version)})`,
  );
}

// A version, or a file of it, against what is in the folder now.
export async function compareWithWorkingTree(parts: Parts, node: unknown): Promise<void> {
  if (isFileNode(node)) {
    const { history, version, change } = node;
    const left = change.after
      ? contentUri(history.model, change.path, version.version)
      : emptyUri(history.model, change.path);
    const title = l10n.t('{0} ({1} ↔ {2})', baseName(change.path), label(version), thisComputer());
    await vscode.commands.executeCommand('vscode.diff', left, fileUri(history.model, change.path), title);
  } else if (isVersionNode(node)) {
    await compareSides(parts, node.history.model, node.version, undefined, node.history.path);
  }
}

export function selectForCompare(parts: Parts, node: unknown): void {
  if (isVersionNode(node)) parts.history.select({ history: node.history, version: node.version });
}

export async function compareWithSelected(parts: Parts, node: unknown): Promise<void> {
  const selected = parts.history.selected;
  if (!isVersionNode(node) || !selected) return;
  if (selected.history.model !== node.history.model) {
    void vscode.window.showInformationMessage(l10n.t('The two versions are of different folders.'));
    return;
  }
  // The older one on the left, whichever was selected first.
  const [older, newer] =
    selected.version.generation <= node.version.generation
      ? [selected.version, node.version]
      : [node.version, selected.version];
  await compareSides(parts, node.history.model, older, newer, node.history.path);
}

async function compareSides(
  parts: Parts,
  model: FolderModel,
  before: Version,
  after: Version | undefined,
  path: string | undefined,
): Promise<void> {
  await attempt(parts, l10n.t('Compare'), async () => {
    const afterSide: Side = after ? { version: after.version } : { working_tree: true };
    const { changes } = await parts.engine.request('diff', {
      folder: model.folder,
      before: { version: before.version },
      after: afterSide,
      ...(path ? { paths: [path] } : {}),
    });
    const title = l10n.t('{0} ↔ {1}', label(before), after ? label(after) : thisComputer());
    await openMany(model, visibleChanges(changes), title, before.version, after?.version);
  });
}

// The multi-file diff; `after` undefined is the working tree.
export async function openMany(
  model: FolderModel,
  changes: readonly Change[],
  title: string,
  before: string | undefined,
  after: string | undefined,
): Promise<void> {
  const rows = changes
    .filter(change => (change.after ?? change.before)?.kind === 'file')
    .map((change): [vscode.Uri, vscode.Uri | undefined, vscode.Uri | undefined] => {
      const { left, right } = diffSides(model, change, before, after);
      return [fileUri(model, change.path), left, right];
    });
  if (rows.length === 0) void vscode.window.showInformationMessage(l10n.t('There are no differences.'));
  else await vscode.commands.executeCommand('vscode.changes', title, rows);
}

function diffSides(
  model: FolderModel,
  change: Change,
  before: string | undefined,
  after: string | undefined,
): { left?: vscode.Uri; right?: vscode.Uri } {
  return {
    ...(before && (change.before ?? change.renamed_from)
      ? { left: contentUri(model, change.renamed_from ?? change.path, before) }
      : {}),
    ...(change.after ? { right: after ? contentUri(model, change.path, after) : fileUri(model, change.path) } : {}),
  };
}

export async function copyId(node: unknown): Promise<void> {
  if (isVersionNode(node)) await vscode.env.clipboard.writeText(node.version.version);
}

const label = (version: Version): string => `${shortId(version.version)}, ${shortTime(version.created_ms)}`;

async function attempt(parts: Parts, what: string, work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (caught) {
    parts.notify.failed(what, toEngineError(caught));
  }
}
