// SPDX-License-Identifier: GPL-2.0-or-later
// The page: its parts, the profile that is shown, and the filter.

const SECTIONS = [['errors', 'Errors'], ['matrix', 'Paths'], ['timeline', 'Time line'],
  ['map', 'Tags at exit'], ['leaks', 'Leaks'], ['pages', 'Lost and stale'],
  ['wrong', 'Wrong releases'], ['refused', 'Refused saves'], ['events', 'Events'], ['counters', 'Counters']];

const page = {};

function showError(text) {
  const box = byId('error');
  box.hidden = false;
  box.textContent = `This report cannot be shown: ${text}`;
}

window.addEventListener('error', (ev) => showError(ev.message));

function fact(name, value, kind) {
  return el('div', null, el('dt', null, name), el('dd', {class: kind}, value));
}

function drawFacts(report) {
  const totals = report.totals;
  const count = (n) => [thousands(n), n ? 'bad' : null];
  byId('facts').replaceChildren(
    fact('verdict', report.kernel_bug ? 'kernel BUG'
      : report.errors ? 'ERRORS' : 'clean', report.errors ? 'bad' : 'good'),
    fact('profile', report.profile),
    fact('leaked bytes', ...count(totals.leaked_bytes)),
    fact('lost pages', ...count(totals.lost_pages)),
    fact('stale pages', ...count(totals.stale_pages)),
    fact('wrong releases', ...count(totals.wrong_releases)),
    fact('refused saves', ...count(totals.refused_saves)),
    fact('mismatches', ...count(totals.mismatches)),
    fact('tag store at its peak', plural(report.store_peak_bytes, 'byte')),
    fact('RAM', plural(report.ram_bytes, 'byte')),
    fact('swap', plural(report.swap_bytes, 'byte')),
    fact('events', thousands(report.events)),
    fact('instructions', report.instructions ? thousands(report.instructions)
      : 'not counted'),
    fact('adiemu', report.version));
}

function drawCounters(report) {
  byId('counters').replaceChildren(heading('Counters'),
    el('dl', {class: 'counts'}, Object.entries(report.counters).map(
      ([name, n]) => fact(name.replaceAll('_', ' '), n ? thousands(n) : '–',
        n ? null : 'dim'))));
}

// Where it was scrolled to, and the focus, stay.
function drawPaths(data) {
  const box = byId('matrix');
  const left = box.querySelector('.wide')?.scrollLeft || 0;
  const focused = box.contains(document.activeElement);

  box.replaceChildren(...data.reports
    ? drawMatrix(data, page.profile, setProfile)
    : drawSums(data, page.profile));
  if (left)
    box.querySelector('.wide').scrollLeft = left;
  if (focused)
    box.querySelector('.picked button')?.focus({preventScroll: true});
}

// As a shell reads it.
function drawCommand(report) {
  const word = (w) => /^[\w@%+=:,./-]+$/.test(w) ? w
    : `'${w.replaceAll("'", "'\\''")}'`;
  const script = report.script;

  byId('command').textContent = (report.command_line || []).map(word)
    .join(' ') + (script ? `  (${script.file}: SHA-256 ${script.sha256})` : '');
}

function setProfile(name) {
  const report = page.reports[name];
  const model = new Model(report);

  page.profile = name;
  byId('profile').value = name;
  drawPaths(page.data);
  drawFacts(report);
  drawCounters(report);
  drawCommand(report);
  page.errors.set(report);
  for (const [list, key] of [[page.leaks, 'leaks'], [page.pages, 'pages'],
    [page.wrong, 'wrong_releases'], [page.refused, 'refused_saves']])
    list.unlisted = report.records.filter((r) => r.list === key)
      .reduce((n, r) => n + r.count - r.listed, 0);
  page.timeline.set(model);
  page.map.set(model);
  const reachable = report.leaks.filter((l) => l.class === REACHABLE);
  const leaks = report.leaks.filter((l) => l.class !== REACHABLE);
  page.leaks.also = reachable.length
    ? `, of which ${thousands(reachable.length)} still reachable at exit` : '';
  page.leaks.set([...leaks, ...reachable].map((l) => l.entry ? item(l, null, null)
    : item(l, l.start, l.end)));
  page.pages.set(report.pages.map((f) => item(f, f.va, pageEnd(f.va))));
  page.wrong.set(report.wrong_releases.map((w) =>
    item(w, w.va, pageEnd(w.va))));
  page.refused.set(report.refused_saves.map((f) =>
    f.va ? item(f, f.va, pageEnd(f.va)) : item(f, null, null)));
  page.events.all = eventColumns(model, page.go);
  page.events.set((model.history ? model.history.events : []).map((e) =>
    item(e, e.va, e.end || (e.va && pageEnd(e.va)))));
  filter();
}

function filter() {
  const terms = parseFilter(byId('find').value);

  page.timeline.filter(terms);
  page.map.filter(terms);
  for (const list of [page.errors, page.leaks, page.pages, page.wrong,
    page.refused, page.events])
    list.draw(terms);
  // A link to what there is.
  byId('nav').replaceChildren(...SECTIONS.filter(([id]) => !byId(id).hidden)
    .map(([id, text]) => el('a', {href: `#${id}`}, text)));
  byId('found').textContent = terms.length === 0 ? '' :
    `${plural(page.timeline.rows.length, 'page')}, ` +
    `${plural(page.leaks.found, 'leak')}, ${
      plural(page.events.found, 'event')}`;
}

function clearFilter() {
  byId('find').value = '';
  filter();
}

function start(data) {
  page.data = data;
  page.reports = data.reports || {[data.profile]: data};
  const names = Object.keys(page.reports);
  const title = data.reports ? data.program : data.command;

  byId('title').textContent = title;
  document.title = `${title} – adiemu`;
  page.timeline = new TimeLine(byId('timeline'));
  page.map = new TagMap(byId('map'));
  page.go = (nr, mm, va, entry) => page.timeline.go(nr, mm, va, entry);
  page.errors = new Errors(byId('errors'), page.go);
  page.leaks = new List(byId('leaks'), 'Leaks', leakColumns(page.go));
  page.pages = new List(byId('pages'), 'Lost and stale pages',
    findingColumns(page.go));
  page.wrong = new List(byId('wrong'), 'Wrong releases',
    wrongColumns(page.go), 'releases of copies that the page never had, or from a freed buffer');
  page.refused = new List(byId('refused'), 'Refused saves',
    refusedColumns(page.go), 'the tag store had no room: the page stays');
  page.events = new List(byId('events'), 'Events', []);
  byId('profile').replaceChildren(...names.map((n) =>
    el('option', {value: n}, n)));
  byId('profile').addEventListener('change', (ev) =>
    setProfile(ev.target.value));
  byId('profile-label').hidden = names.length < 2;
  let soon = 0;
  byId('find').addEventListener('input', () => {
    clearTimeout(soon);
    soon = setTimeout(filter, 120);
  });
  document.addEventListener('keydown', (ev) => {
    if (ev.key === '/' && ev.target !== byId('find')) {
      ev.preventDefault();
      byId('find').focus();
    } else if (ev.key === 'Escape' && ev.target === byId('find')) {
      clearFilter();
    }
  });
  window.addEventListener('resize', () => page.timeline.setView(
    page.timeline.low, page.timeline.high));
  // Of several, first the one that has something to tell.
  setProfile(names.find((n) => page.reports[n].errors) || names[0]);
  document.body.dataset.ready = 'yes';
}

start(JSON.parse(byId('data').textContent));
