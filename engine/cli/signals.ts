// Ctrl-C and SIGTERM end a command cleanly; a second one ends it at once.

export function untilStopped(): Promise<void> {
  return new Promise((resolve) => {
    const stop = () => {
      process.stderr.write('\nstopping (again to end at once) …\n');
      process.once('SIGINT', () => process.exit(130));
      process.once('SIGTERM', () => process.exit(143));
      resolve();
    };
    process.once('SIGINT', stop);
    process.once('SIGTERM', stop);
  });
}
