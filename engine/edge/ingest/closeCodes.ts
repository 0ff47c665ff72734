// Why the engine closed a feed's socket: part of the wire format (wire/README.md).

export const closeCodes = {
  goingAway: 1001,
  badHello: 4001,
  tooManyProblems: 4008,
  clockConflict: 4009,
  tooManyFeeds: 4013,
} as const;
