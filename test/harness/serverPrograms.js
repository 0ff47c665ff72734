// The real servers that tests use: where Debian puts them and what installs them.

export const serverPrograms = {
  influxd: { programs: ['/usr/bin/influxd'], packages: ['influxdb'] },
  victoria: { programs: ['/usr/bin/victoria-metrics', '/usr/sbin/victoria-metrics'], packages: ['victoria-metrics'] },
  chromium: { programs: ['/usr/bin/chromium'], packages: ['chromium', 'fonts-noto-cjk'] },
};
