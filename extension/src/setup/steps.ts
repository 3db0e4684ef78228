// Quick input in several steps: title, "step n of N", a Back button, values kept when one goes back. A flow is a list
// of steps that may depend on what was answered before; cancelling anywhere ends it.

import * as vscode from 'vscode';
import { afterInterruption } from '../util/interruption';

export const BACK = Symbol('back');
export type Answer<T> = T | typeof BACK | undefined;

export interface StepInfo {
  title: string;
  step: number;
  totalSteps: number;
  canGoBack: boolean;
}
export interface Choice<T> extends vscode.QuickPickItem {
  value: T;
}

export interface Step<S> {
  // Whether it is asked at all, given the answers so far.
  when?(state: S): boolean;
  // Asks, and writes the answer into the state.
  ask(state: S, info: StepInfo): Promise<typeof BACK | 'next' | undefined>;
}

// Returns false if the user cancelled.
export async function runSteps<S>(title: string, state: S, steps: readonly Step<S>[]): Promise<boolean> {
  const asked: number[] = [];
  let at = 0;
  while (at < steps.length) {
    const step = steps[at]!;
    if (step.when && !step.when(state)) {
      at += 1;
      continue;
    }
    const applicable = steps.filter(other => !other.when || other.when(state));
    const answer = await step.ask(state, {
      title,
      step: asked.length + 1,
      totalSteps: Math.max(applicable.length, asked.length + 1),
      canGoBack: asked.length > 0,
    });
    if (answer === undefined) return false;
    if (answer === BACK) {
      at = asked.pop() ?? 0;
      continue;
    }
    asked.push(at);
    at += 1;
  }
  return true;
}

export interface InputOptions {
  value?: string;
  prompt: string;
  placeholder?: string;
  password?: boolean;
  // Without the spaces around it; by default unless it is a password.
  trim?: boolean;
  browse?: { tooltip: string; run(): Promise<string | undefined> };
  // A problem with what was typed, or undefined. Runs when the user accepts; may ask the engine.
  check?(value: string): Promise<string | undefined> | string | undefined;
}

export function askText(info: StepInfo, options: InputOptions): Promise<Answer<string>> {
  return new Promise(resolve => {
    const input = vscode.window.createInputBox();
    const browse: vscode.QuickInputButton | undefined = options.browse && {
      iconPath: new vscode.ThemeIcon('folder-opened'),
      tooltip: options.browse.tooltip,
    };
    input.title = info.title;
    input.step = info.step;
    input.totalSteps = info.totalSteps;
    input.buttons = [...(info.canGoBack ? [vscode.QuickInputButtons.Back] : []), ...(browse ? [browse] : [])];
    input.value = options.value ?? '';
    input.prompt = options.prompt;
    input.placeholder = options.placeholder;
    input.password = options.password ?? false;
    input.ignoreFocusOut = true;
    let busy = false;
    let answered = false;
    const finish = (answer: Answer<string>) => {
      answered = true;
      resolve(answer);
      input.dispose();
    };
    const accept = async () => {
      if (busy) return;
      busy = true;
      input.busy = true;
      input.enabled = false;
      const value = (options.trim ?? !options.password) ? input.value.trim() : input.value;
      const problem = await Promise.resolve(options.check?.(value)).catch((error: unknown) => String(error));
      busy = false;
      input.busy = false;
      input.enabled = true;
      if (problem === undefined) finish(value);
      else input.validationMessage = problem;
    };
    input.onDidAccept(() => void accept());
    input.onDidChangeValue(() => {
      input.validationMessage = undefined;
    });
    input.onDidTriggerButton(button => {
      if (button === vscode.QuickInputButtons.Back) finish(BACK);
      else if (button === browse) void pickFolder();
    });
    // The folder dialog hides the input for a while.
    let browsing = false;
    const pickFolder = async () => {
      browsing = true;
      const path = await options.browse!.run().finally(() => {
        browsing = false;
      });
      if (path !== undefined) input.value = path;
      input.show();
    };
    input.onDidHide(() => {
      if (!browsing)
        afterInterruption(
          () => !answered && input.show(),
          () => finish(undefined),
        );
    });
    input.show();
  });
}

export function askChoice<T>(
  info: StepInfo,
  placeholder: string,
  items: readonly Choice<T>[],
  active?: (value: T) => boolean,
): Promise<Answer<T>> {
  return new Promise(resolve => {
    const pick = vscode.window.createQuickPick<Choice<T>>();
    pick.title = info.title;
    pick.step = info.step;
    pick.totalSteps = info.totalSteps;
    pick.buttons = info.canGoBack ? [vscode.QuickInputButtons.Back] : [];
    pick.placeholder = placeholder;
    pick.items = items;
    pick.ignoreFocusOut = true;
    pick.matchOnDescription = true;
    const current = active ? items.filter(item => active(item.value)) : [];
    if (current.length > 0) pick.activeItems = current.slice(0, 1);
    let answered = false;
    const finish = (answer: Answer<T>) => {
      answered = true;
      resolve(answer);
      pick.dispose();
    };
    pick.onDidAccept(() => {
      const item = pick.selectedItems[0] ?? pick.activeItems[0];
      if (item) finish(item.value);
    });
    pick.onDidTriggerButton(button => {
      if (button === vscode.QuickInputButtons.Back) finish(BACK);
    });
    pick.onDidHide(() =>
      afterInterruption(
        () => !answered && pick.show(),
        () => finish(undefined),
      ),
    );
    pick.show();
  });
}

export const stepInfo = (title: string, step = 1, totalSteps = 1): StepInfo => ({
  title,
  step,
  totalSteps,
  canGoBack: step > 1,
});
