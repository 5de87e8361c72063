export function compile(file: URL): Promise<Uint8Array>;
export function kernelAsTypeScript(): Promise<string>;
export function asTypeScript(file: URL, constant: string): Promise<string>;
