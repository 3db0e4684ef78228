// Input boxes and pickers as the editor shows them: one at a time, each hidden by the next; and a user who types.

type Listener<T> = (value: T) => void;

class FakeInput<T> {
  title = '';
  placeholder: string | undefined;
  validationMessage: string | undefined;
  prompt = '';
  value = '';
  password = false;
  enabled = true;
  busy = false;
  buttons: unknown[] = [];
  items: T[] = [];
  activeItems: T[] = [];
  selectedItems: T[] = [];
  disposed = false;
  private readonly accepted: Listener<void>[] = [];
  private readonly hidden: Listener<void>[] = [];
  private readonly triggered: Listener<unknown>[] = [];
  private readonly changed: Listener<string>[] = [];

  onDidAccept = (listener: Listener<void>): void => void this.accepted.push(listener);
  onDidHide = (listener: Listener<void>): void => void this.hidden.push(listener);
  onDidTriggerButton = (listener: Listener<unknown>): void => void this.triggered.push(listener);
  onDidChangeValue = (listener: Listener<string>): void => void this.changed.push(listener);

  show(): void {
    if (visible === this) return;
    visible?.hide();
    visible = this as FakeInput<unknown>;
  }
  hide(): void {
    if (visible !== this) return;
    visible = undefined;
    for (const listener of this.hidden) listener();
  }
  dispose(): void {
    this.disposed = true;
    this.hide();
  }

  // What the user does.
  type(value: string): void {
    this.value = value;
    for (const listener of this.changed) listener(value);
    for (const listener of this.accepted) listener();
  }
  choose(wanted: (item: T) => boolean): void {
    this.selectedItems = this.items.filter(wanted);
    for (const listener of this.accepted) listener();
  }
  press(button: unknown): void {
    for (const listener of this.triggered) listener(button);
  }
}

let visible: FakeInput<unknown> | undefined;

export const createInputBox = (): FakeInput<unknown> => new FakeInput();
export const createQuickPick = (): FakeInput<unknown> => new FakeInput();

// What is on the screen, once everything that was under way has happened.
export async function onScreen(): Promise<FakeInput<{ label: string; value?: unknown }> | undefined> {
  for (let i = 0; i < 5; i += 1) await new Promise(resolve => setImmediate(resolve));
  return visible as FakeInput<{ label: string; value?: unknown }> | undefined;
}
