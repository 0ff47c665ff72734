export const serverPrograms: Readonly<
  Record<'influxd' | 'victoria' | 'chromium', { readonly programs: readonly string[]; readonly packages: readonly string[] }>
>;
