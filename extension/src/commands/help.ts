// The engine and its health: log, restart, doctor, settings, walkthrough.

import * as vscode from 'vscode';
import { l10n } from 'vscode';
import { toEngineError } from '../engine/errors';
import type { DoctorCheck } from '../engine/protocol';
import { withProgress } from '../util/progress';
import { pickFolder, type Parts } from './context';
import { ensureKey } from './keys';

export async function restartEngine(parts: Parts): Promise<void> {
  try {
    await parts.engine.restart();
  } catch (caught) {
    parts.notify.failed(l10n.t('The engine did not start'), toEngineError(caught));
  }
}

const ICONS: Record<DoctorCheck['state'], string> = {
  ok: '$(pass)',
  warning: '$(warning)',
  failed: '$(error)',
  skipped: '$(circle-slash)',
};

export async function doctor(parts: Parts, argument?: unknown): Promise<void> {
  const model = await pickFolder(parts, argument);
  if (!model || !(await ensureKey(parts, model))) return;
  try {
    const report = await withProgress(model, 'check', l10n.t('Checking repository and connection'), ({ signal }) =>
      parts.engine.request('doctor', { folder: model.folder }, { signal }),
    );
    for (const check of report.checks)
      parts.log.info(`doctor: ${check.state}: ${check.check}: ${check.text}${check.hint ? `\n  ${check.hint}` : ''}`);
    const items = report.checks.map(check => ({
      label: `${ICONS[check.state]} ${check.text}`,
      detail: check.hint || undefined,
    }));
    const picked = await vscode.window.showQuickPick(items, {
      title: report.healthy
        ? l10n.t('{0}: all is well', model.name)
        : l10n.t('{0}: something needs attention', model.name),
      placeHolder: l10n.t('Select one to see it in the log'),
      matchOnDetail: true,
    });
    if (picked) parts.log.show();
  } catch (caught) {
    parts.notify.failed(l10n.t('Check of {0}', model.name), toEngineError(caught));
  }
}

export async function openSettings(): Promise<void> {
  await vscode.commands.executeCommand('workbench.action.openSettings', '@ext:mikura.mikura');
}

export async function openWalkthrough(): Promise<void> {
  await vscode.commands.executeCommand('workbench.action.openWalkthrough', 'mikura.mikura#start', false);
}
