// The rows of the history that say why there are no versions, with what to do about it.

import type * as vscode from 'vscode';
import { l10n } from 'vscode';
import type { EngineError } from '../engine/errors';
import type { EngineState } from '../engine/supervisor';
import { explain, explainEngineFailure, type Explanation } from '../util/messages';

export interface MessageRow {
  type: 'message';
  text: string;
  icon: string;
  command?: vscode.Command;
}

// What is clicked stands in a row of its own: a sentence does not look like a button.
export function troubleRows({ text, remedy }: Explanation): MessageRow[] {
  const action = (icon: string, title: string, command: string): MessageRow[] => [
    { type: 'message', text, icon: icon === 'key' ? 'key' : 'warning' },
    { type: 'message', text: title, icon, command: { command, title } },
  ];
  switch (remedy) {
    case 'enterKey':
      return action('key', l10n.t('Enter Key'), 'mikura.key.enter');
    case 'enterMfaCode':
      return action('key', l10n.t('Enter MFA Code'), 'mikura.mfa.enter');
    case 'restartEngine':
      return action('debug-restart', l10n.t('Restart Engine'), 'mikura.restartEngine');
    case 'openSettings':
      return action('gear', l10n.t('Open Settings'), 'mikura.openSettings');
    case 'doctor':
    case 'showLog':
    case 'none':
      return action('refresh', l10n.t('Refresh'), 'mikura.history.refresh');
  }
}

export const failureRows = (failure: EngineError): MessageRow[] => troubleRows(explain(failure));

// Instead of versions that cannot be opened, once the engine was given up.
export function engineRows(engine: { state: EngineState; lastFailure: EngineError | undefined }): MessageRow[] {
  return engine.state === 'failed' ? troubleRows(explainEngineFailure(engine.lastFailure)) : [];
}
