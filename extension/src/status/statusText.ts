// What the status item says, made from the state of all folders. No side effects.

import { l10n } from 'vscode';
import type { EngineState } from '../engine/supervisor';
import type { FolderModel } from '../model/folder';
import { rowsOf } from '../model/rows';
import type { SetupState } from '../model/setupState';
import { autoSyncMode } from '../util/config';
import { explain } from '../util/messages';
import { describe } from '../util/progress';
import { ago, changes, conflicts, dateTime, incoming } from '../util/text';

export interface StatusText {
  text: string;
  label: string;
  severity: 'none' | 'warning' | 'error';
}

interface Totals {
  conflicts: number;
  changes: number;
  incoming: number;
}

export function totals(models: readonly FolderModel[]): Totals {
  const sum: Totals = { conflicts: 0, changes: 0, incoming: 0 };
  for (const model of models) {
    const rows = rowsOf(model);
    sum.conflicts += rows.conflicts.length;
    sum.changes += rows.changes.length;
    sum.incoming += rows.incoming.length;
  }
  return sum;
}

// While no folder has a repository.
export function setupText(state: SetupState): StatusText {
  switch (state) {
    case 'noFolder':
      return item('$(plug) Mikura', l10n.t('Mikura: no folder is open'));
    case 'untrusted':
      return item('$(workspace-untrusted) Mikura', l10n.t('Mikura: off, since this workspace is not trusted'));
    case 'virtual':
      return item('$(circle-slash) Mikura', l10n.t('Mikura: off, since this folder is not on a disk'));
    case 'engineFailed':
      return item('$(error) Mikura', l10n.t('Mikura: the engine stopped'), 'error');
    case 'notLinked':
      return item('$(plug) Mikura', l10n.t('Mikura: no repository yet'));
    default:
      return item('$(loading~spin) Mikura', l10n.t('Mikura: checking the folder'));
  }
}

// The most urgent thing wins: what blocks, then what runs, then what waits for a decision, then what is still to do.
export function statusText(models: readonly FolderModel[], engine: EngineState): StatusText {
  if (engine === 'failed') return item('$(error) Mikura', l10n.t('Mikura: the engine stopped'), 'error');
  if (models.some(model => model.key === 'missing'))
    return item('$(key) Mikura', l10n.t('Mikura: the key is needed'), 'warning');
  if (models.some(model => model.key === 'wrong'))
    return item('$(key) Mikura', l10n.t('Mikura: the key is wrong'), 'warning');
  if (models.some(model => model.busy)) return item('$(sync~spin) Mikura', l10n.t('Mikura: syncing'));
  if (models.some(model => model.failure?.code === 'mfa_missing'))
    return item('$(key) Mikura', l10n.t('Mikura: the code of your MFA device is needed'), 'warning');
  const stopped = models.find(model => model.state?.activity === 'stopped' && model.failure);
  if (stopped?.failure)
    return item('$(error) Mikura', l10n.t('Mikura: stopped. {0}', explain(stopped.failure).text), 'error');
  const sum = totals(models);
  if (sum.conflicts > 0) return item(`$(git-merge) ${sum.conflicts}`, l10n.t('Mikura: {0}', conflicts(sum.conflicts)));
  if (engine === 'waiting' || engine === 'starting')
    return item('$(loading~spin) Mikura', l10n.t('Mikura: the engine is starting'));
  if (models.some(model => model.state?.activity === 'offline'))
    return item('$(debug-disconnect) Mikura', l10n.t('Mikura: the store cannot be reached'));
  if (models.length > 0 && models.every(model => model.paused))
    return item('$(debug-pause) Mikura', l10n.t('Mikura: automatic sync is paused'));
  if (models.some(model => model.failure))
    return item('$(warning) Mikura', l10n.t('Mikura: something needs attention'));
  if (sum.incoming > 0 && sum.changes > 0) {
    return item(
      `$(cloud) ${sum.changes}↑ ${sum.incoming}↓`,
      l10n.t('Mikura: {0}, {1}', changes(sum.changes), incoming(sum.incoming)),
    );
  }
  if (sum.changes > 0)
    return item(`$(cloud-upload) ${sum.changes}`, l10n.t('Mikura: {0} to sync', changes(sum.changes)));
  if (sum.incoming > 0) return item(`$(cloud-download) ${sum.incoming}`, l10n.t('Mikura: {0}', incoming(sum.incoming)));
  if (models.some(model => !model.status)) return item('$(loading~spin) Mikura', l10n.t('Mikura: checking the folder'));
  return item('$(check) Mikura', l10n.t('Mikura: everything is in sync'));
}

// Markdown; names of folders are escaped, since they come from the disk.
export function statusTooltip(models: readonly FolderModel[], engine: EngineState, now = Date.now()): string {
  const parts = models.map(model => [`**${escape(model.name)}**`, ...lines(model, now).map(escape)].join('  \n'));
  if (engine === 'failed') parts.unshift(l10n.t('The engine ended several times and was not started again.'));
  return parts.join('\n\n---\n\n');
}

function lines(model: FolderModel, now: number): string[] {
  const rows = rowsOf(model);
  const result: string[] = [];
  if (model.operation?.progress) result.push(describe(model.operation.progress));
  else if (model.busy) result.push(l10n.t('Syncing'));
  if (model.failure) result.push(explain(model.failure).text);
  if (rows.conflicts.length > 0) result.push(conflicts(rows.conflicts.length));
  if (rows.changes.length > 0) result.push(l10n.t('{0} to sync', changes(rows.changes.length)));
  if (rows.incoming.length > 0) result.push(incoming(rows.incoming.length));
  if (model.status && rows.conflicts.length + rows.changes.length + rows.incoming.length === 0 && !model.failure)
    result.push(l10n.t('Everything is in sync'));
  const last = model.state?.last_sync;
  if (last) result.push(l10n.t('Last sync: {0} ({1})', ago(last.at_ms, now), dateTime(last.at_ms)));
  if (model.paused) {
    const until = model.state?.paused_until_ms;
    result.push(until ? l10n.t('Paused until {0}', dateTime(until)) : l10n.t('Automatic sync is paused'));
  } else if (autoSyncMode(model.folder) === 'off') {
    result.push(l10n.t('Automatic sync is off'));
  } else if (model.state?.next_ms && model.state.next_ms > now) {
    result.push(l10n.t('Next check: {0}', ago(model.state.next_ms, now)));
  }
  if (model.state?.watching?.degraded)
    result.push(l10n.t('Changes are found by scanning from time to time: {0}', model.state.watching.degraded));
  if (model.info?.store) result.push(model.info.store);
  return result;
}

function item(text: string, label: string, severity: StatusText['severity'] = 'none'): StatusText {
  return { text, label, severity };
}

function escape(text: string): string {
  return text.replace(/[\\`*_{}[\]()#+\-.!<>|~$]/g, character => `\\${character}`);
}
