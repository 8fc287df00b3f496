/**
 * `/page.js`: plain ES2020 for browsers, without dependencies. It asks for the page again and again and puts what has
 * changed into the page that is there, node by node, so that focus, scroll position, selected text, opened details and
 * what somebody types stay. What bears `data-keep` is the reader's and is left alone; `data-key` tells siblings apart.
 */
export const PAGE_SCRIPT = String.raw`'use strict';
(() => {
  const EVERY_MS = 15000;
  const PATIENCE_MS = 10000;
  const byId = (id) => document.getElementById(id);
  const pause = byId('pause');
  const silence = byId('silence');
  const told = byId('told');
  let heardAt = Date.now();
  let isPaused = false;
  let isAsking = false;
  let timer = 0;
  let ticker = 0;

  const keyOf = (node) => (node.nodeType === 1 ? node.id || node.getAttribute('data-key') : null);
  const alike = (a, b) =>
    a.nodeType === b.nodeType && a.nodeName === b.nodeName && keyOf(a) === keyOf(b);

  // Whether details are open is the reader's business.
  const isTheirs = (element, name) => name === 'open' && element.nodeName === 'DETAILS';

  const morph = (live, next) => {
    if (live.nodeType !== 1) {
      if (live.nodeValue !== next.nodeValue) live.nodeValue = next.nodeValue;
      return;
    }
    if (live.hasAttribute('data-keep')) return;
    for (const { name } of [...live.attributes])
      if (!next.hasAttribute(name) && !isTheirs(live, name)) live.removeAttribute(name);
    for (const { name, value } of [...next.attributes])
      if (live.getAttribute(name) !== value && !isTheirs(live, name)) live.setAttribute(name, value);
    morphChildren(live, next);
  };

  const morphChildren = (live, next) => {
    const wanted = new Set([...next.childNodes].map(keyOf).filter(Boolean));
    const keyed = new Map();
    for (const child of [...live.childNodes]) {
      const key = keyOf(child);
      if (key && !wanted.has(key)) child.remove();
      else if (key) keyed.set(key, child);
    }
    let at = live.firstChild;
    for (const child of [...next.childNodes]) {
      const known = keyed.get(keyOf(child));
      const found = known && alike(known, child) ? known : at && alike(at, child) ? at : null;
      if (!found) live.insertBefore(document.importNode(child, true), at);
      else {
        if (found === at) at = at.nextSibling;
        else live.insertBefore(found, at);
        morph(found, child);
      }
    }
    while (at) {
      const rest = at.nextSibling;
      at.remove();
      at = rest;
    }
  };

  // An element that is moved loses the focus, and so does one that goes: then its section has it.
  const keepingFocus = (change) => {
    const focused = document.activeElement;
    const section = focused && focused.closest('section[id], main');
    const sectionId = section ? section.id : '';
    change();
    if (!focused || focused === document.body || document.activeElement === focused) return;
    const heir = focused.isConnected ? focused : byId(sectionId) || byId('main');
    if (heir) heir.focus({ preventScroll: true });
  };

  // What is in view stays where it is, whatever comes or goes above it; at the top of the page its top stays in view.
  const keepingPlace = (change) => {
    const isInView = ({ top, bottom }) => bottom > 0 && top < innerHeight;
    const landmarks = [
      document.activeElement,
      ...document.querySelectorAll('main :is(h1, h2, h3, tr, dt, summary)'),
    ];
    const seen =
      scrollY === 0
        ? []
        : landmarks
            .map((element) => ({ element, rect: element.getBoundingClientRect() }))
            .filter(({ element, rect }) => element !== document.body && element.id !== 'main' && isInView(rect));
    change();
    const anchor = seen.find(({ element }) => element.isConnected);
    if (!anchor) return;
    const moved = anchor.element.getBoundingClientRect().top - anchor.rect.top;
    if (moved) scrollBy({ top: moved, behavior: 'instant' });
  };

  const show = (text) => {
    const next = new DOMParser().parseFromString(text, 'text/html');
    const headline = next.getElementById('headline');
    // Something between us and the daemon can answer with a page of its own.
    if (!headline) throw new Error('This is not the status page.');
    const before = byId('headline').textContent;
    keepingPlace(() => keepingFocus(() => morph(document.body, next.body)));
    document.title = next.title;
    const icon = next.getElementById('icon').getAttribute('href');
    if (byId('icon').getAttribute('href') !== icon) byId('icon').setAttribute('href', icon);
    const wasSilent = !silence.hidden;
    heard();
    if (wasSilent) tell('The daemon answers again. ' + headline.textContent);
    else if (before !== headline.textContent) tell(headline.textContent);
  };

  // Read out once, and not with every second that passes.
  const tell = (text) => {
    told.textContent = text;
  };

  const heard = () => {
    heardAt = Date.now();
    silence.hidden = true;
    clearInterval(ticker);
    ticker = 0;
  };

  const span = (ms) => {
    const seconds = Math.round(ms / 1000);
    if (seconds < 90) return seconds + ' s';
    if (seconds < 5400) return Math.round(seconds / 60) + ' min';
    return Math.round(seconds / 3600) + ' h';
  };

  const age = () => {
    silence.textContent =
      'The daemon does not answer: last heard of ' +
      span(Date.now() - heardAt) +
      ' ago. What stands below is from then.';
  };

  const unheard = () => {
    age();
    if (silence.hidden) tell('The daemon does not answer.');
    silence.hidden = false;
    document.title = 'No answer – Wrapkeeper';
    if (!ticker) ticker = setInterval(age, 5000);
  };

  const ask = async () => {
    clearTimeout(timer);
    if (isPaused || isAsking || document.hidden) return;
    isAsking = true;
    const patience = new AbortController();
    const limit = setTimeout(() => patience.abort(), PATIENCE_MS);
    try {
      const answer = await fetch(location.pathname + location.search, {
        cache: 'no-store',
        headers: { accept: 'text/html' },
        signal: patience.signal,
      });
      if (!answer.ok) throw new Error(String(answer.status));
      const text = await answer.text();
      if (!isPaused) show(text);
    } catch (error) {
      unheard();
    } finally {
      clearTimeout(limit);
      isAsking = false;
      later();
    }
  };

  const later = () => {
    clearTimeout(timer);
    if (!isPaused) timer = setTimeout(ask, EVERY_MS);
  };

  pause.hidden = false;
  pause.setAttribute('aria-label', 'Pause the renewal of this page');
  pause.addEventListener('click', () => {
    isPaused = !isPaused;
    pause.textContent = isPaused ? 'Resume' : 'Pause';
    pause.setAttribute('aria-label', (isPaused ? 'Resume' : 'Pause') + ' the renewal of this page');
    if (isPaused) clearTimeout(timer);
    else ask();
  });
  document.addEventListener('visibilitychange', ask);
  addEventListener('online', ask);
  addEventListener('offline', unheard);
  later();
})();
`;
