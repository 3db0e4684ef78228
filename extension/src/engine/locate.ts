// Finds the engine: the environment (development and tests), then the machine's setting, then the one that came with
// the extension. What is named explicitly is never replaced silently by another one.

import { constants } from 'node:fs';
import { access, chmod, stat } from 'node:fs/promises';
import { isAbsolute, join } from 'node:path';
import { EngineError } from './errors';

export interface LocateOptions {
  environment: string | undefined;
  setting: string;
  extensionFolder: string;
  platform?: NodeJS.Platform;
}

export interface EngineLocation {
  path: string;
  source: 'environment' | 'setting' | 'bundled';
}

export async function locateEngine(options: LocateOptions): Promise<EngineLocation> {
  if (options.environment) return { path: await usable(options.environment, 'MIKURA_ENGINE'), source: 'environment' };
  if (options.setting) return { path: await usable(options.setting, 'mikura.engine.path'), source: 'setting' };
  const name = (options.platform ?? process.platform) === 'win32' ? 'mikura.exe' : 'mikura';
  const bundled = join(options.extensionFolder, 'engine', name);
  return { path: await usable(bundled, undefined), source: 'bundled' };
}

async function usable(path: string, namedBy: string | undefined): Promise<string> {
  if (!isAbsolute(path)) throw new EngineError('engine_missing', `${namedBy}: ${path} is no absolute path`);
  const info = await stat(path).catch(() => undefined);
  if (!info?.isFile()) {
    throw new EngineError(
      'engine_missing',
      namedBy ? `${namedBy}: there is no program ${path}` : `the extension holds no engine for this platform (${path})`,
    );
  }
  try {
    await access(path, constants.X_OK);
  } catch {
    // A package that was made or unpacked on a system without permission bits.
    if (namedBy) throw new EngineError('engine_missing', `${namedBy}: ${path} may not be executed`);
    await chmod(path, 0o755).catch(error => {
      throw new EngineError('engine_missing', `${path} may not be executed: ${String(error)}`);
    });
  }
  return path;
}
