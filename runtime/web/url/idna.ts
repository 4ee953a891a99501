export const domainToAscii = (_domain: string): string | null => null;
