// Codes of MFA devices, for stores whose AWS profile assumes a role that wants one. Somebody is asked only while at
// work on something that needs it; what happens by itself fails, and the status item says why. A code serves once: it is
// kept nowhere, and in no log.

import * as vscode from 'vscode';
import { l10n } from 'vscode';
import type { MfaRequest } from '../engine/protocol';
import { interrupting } from '../util/interruption';

export class MfaCodes {
  private attended = 0;
  private last: Promise<unknown> = Promise.resolve();

  constructor(private readonly somebodyIsAtWork: () => boolean) {}

  // While `work` goes on, the user is there: a command runs.
  async attending<T>(work: () => Promise<T>): Promise<T> {
    this.attended += 1;
    try {
      return await work();
    } finally {
      this.attended -= 1;
    }
  }

  // Answers the engine; null: nobody can be asked, or the user gives none. `takenBack`: it needs none any more.
  get(request: MfaRequest, takenBack: AbortSignal): Promise<string | null> {
    if (this.attended === 0 && !this.somebodyIsAtWork()) return Promise.resolve(null);
    const turn = this.last.then(() => (takenBack.aborted ? null : interrupting(() => ask(request, takenBack))));
    this.last = turn.catch(() => {});
    return turn;
  }
}

function ask(request: MfaRequest, takenBack: AbortSignal): Promise<string | null> {
  return new Promise(resolve => {
    const input = vscode.window.createInputBox();
    const refused = l10n.t('That code was not accepted. A code serves only once: wait for the next one.');
    input.title = l10n.t('MFA Code for AWS Profile {0}', request.profile);
    input.prompt = l10n.t('Code of the device {0}: 6 digits', request.serial);
    input.password = true;
    input.ignoreFocusOut = true;
    if (request.retry) input.validationMessage = refused;
    const finish = (code: string | null) => {
      takenBack.removeEventListener('abort', withdraw);
      resolve(code);
      input.dispose();
    };
    const withdraw = () => finish(null);
    takenBack.addEventListener('abort', withdraw, { once: true });
    input.onDidAccept(() => {
      const code = input.value.replace(/\s/g, '');
      if (/^\d{6}$/.test(code)) finish(code);
      else input.validationMessage = l10n.t('The code has 6 digits.');
    });
    input.onDidChangeValue(() => {
      input.validationMessage = undefined;
    });
    input.onDidHide(() => finish(null));
    input.show();
  });
}
