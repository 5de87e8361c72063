export function fractionsAsTypeScript(): Promise<string>;
