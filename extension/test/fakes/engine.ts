// An engine without a process: answers calls from a table, and remembers them.

import type { Engine } from '../../src/model/folder';
import type { Method, Params, Result, Status, Version } from '../../src/engine/protocol';

type Handlers = { [M in Method]?: (params: Params<M>) => Result<M> | Promise<Result<M>> };

export class TableEngine implements Engine {
  readonly calls: { method: string; params: unknown }[] = [];
  readonly notes: { name: string; params: unknown }[] = [];
  constructor(readonly handlers: Handlers) {}

  async request<M extends Method>(method: M, params: Params<M>): Promise<Result<M>> {
    this.calls.push({ method, params });
    const handler = this.handlers[method];
    if (!handler) throw new Error(`${method} is not in the table`);
    return handler(params);
  }

  notify(name: string, params: unknown): void {
    this.notes.push({ name, params });
  }

  count(method: Method): number {
    return this.calls.filter(call => call.method === method).length;
  }
}

export const status = (fields: Partial<Status> = {}): Status => ({
  folder: '/w',
  store: 'file:///s',
  repository: 'r',
  base: 'b',
  base_generation: 1,
  latest: null,
  latest_generation: null,
  remote_checked: false,
  remote_problem: null,
  local: [],
  incoming: [],
  conflicts: [],
  problems: [],
  ...fields,
});

export const version = (n: number, fields: Partial<Version> = {}): Version => ({
  version: `00000000-0000-7000-8000-${String(n).padStart(12, '0')}`,
  generation: n,
  parent: n > 1 ? `00000000-0000-7000-8000-${String(n - 1).padStart(12, '0')}` : null,
  created_ms: Date.UTC(2026, 0, 1, 12, 3) + n * 1000,
  author: 'ann@host',
  device: 'laptop-B',
  message: '',
  files: 3,
  total_bytes: 300,
  added: 0,
  modified: 1,
  removed: 0,
  ...fields,
});
