// What `bench-page` does and measures inside a page. Every answer is plain data.
(() => {
  // As in client/src/list/viewport.rs.
  const ROW = 28;
  // Rows of events before the messages, and rows that a pixel of scrolling stands for.
  const NEAR = 8;
  // Longer than anything here takes, unless it never comes.
  const PATIENCE = 20_000;
  // Firefox takes a second of a flood for up to a minute: docs/decisions/0004-worker.md.
  const DRAINED = 150_000;

  const $ = selector => document.querySelector(selector);
  const frame = () => new Promise(requestAnimationFrame);
  const digits = element => Number(element.textContent.replace(/\D/g, ''));

  // A bare page counts in a variable.
  const received = () => window.received ?? digits($('[data-count=received]'));

  function type(selector, text) {
    const box = $(selector);
    box.value = text;
    box.dispatchEvent(new Event('input', { bubbles: true }));
  }

  // Looks after each change below `place`, so that nothing is polled.
  function becomes(place, isSo) {
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => { observer.disconnect(); reject(`never so: ${isSo}`); }, PATIENCE);
      const look = () => {
        if (!isSo()) return;
        clearTimeout(timer);
        observer.disconnect();
        resolve(performance.now());
      };
      const observer = new MutationObserver(look);
      observer.observe(place, { attributes: true, characterData: true, childList: true, subtree: true });
      look();
    });
  }

  const entries = () => [...document.querySelectorAll('.entry[data-direction=received]')].filter(it => !it.hidden);

  // The numbers of the messages in view, each with its row.
  function inView() {
    const list = $('.scroller');
    const box = list.getBoundingClientRect();
    return entries().map(it => ({ box: it.getBoundingClientRect(), it }))
      .filter(at => at.box.bottom > box.top + 1 && at.box.top < box.bottom - 1)
      .map(at => ({
        number: parseInt(at.it.querySelector('.payload').textContent, 10),
        row: Math.round((at.box.top - box.top + list.scrollTop) / ROW),
      }));
  }

  async function jump(part, total) {
    const list = $('.scroller');
    const wanted = Math.round(part * (total - list.clientHeight / ROW));
    const begin = performance.now();
    list.scrollTop = part * (list.scrollHeight - list.clientHeight);
    for (;;) {
      await frame();
      const seen = inView();
      const ms = performance.now() - begin;
      const isThere = seen.some(it => Math.abs(it.number - wanted) <= NEAR)
        && (part > 0 || seen.some(it => it.number === 0))
        && (part < 1 || seen.some(it => it.number === total - 1));
      if (isThere) return { ms, seen };
      if (ms > PATIENCE) throw `row ${wanted} is not in view: ${JSON.stringify(seen.slice(0, 3))}`;
    }
  }

  const state = () => $('.status').dataset.state;

  // Connects to `address` and waits for its first message. Returns the time that it took, or null if none
  // came: the page waits until the browser has taken the last flood.
  async function opens(address) {
    const [before, begin] = [received(), performance.now()];
    bench.connect(address);
    while (received() === before && performance.now() - begin < DRAINED) await frame();
    return received() === before ? null : performance.now() - begin;
  }

  // Disconnects, unless that is so; the time that it took.
  async function closes() {
    const pressed = performance.now();
    if (state() !== 'closed') $('button.connect').click();
    return await becomes($('.status'), () => state() === 'closed') - pressed;
  }

  // The longest task of the page while `act` goes on; 0 when none took 50 ms.
  async function blocked(act) {
    let longest = 0;
    const note = list => list.forEach(it => { longest = Math.max(longest, it.duration); });
    const observer = new PerformanceObserver(list => note(list.getEntries()));
    observer.observe({ entryTypes: ['longtask'] });
    const answer = await act();
    await frame();
    await frame();
    note(observer.takeRecords());
    observer.disconnect();
    return { ...answer, blocked: longest };
  }

  window.bench = {
    answer: null,

    // What `act` comes to will be the answer.
    ask(act) {
      bench.answer = null;
      act().then(answer => { bench.answer = answer; }, error => { bench.answer = { error: String(error) }; });
    },

    connect(address) {
      type('.address input', address);
      $('button.connect').click();
    },

    // Every frame from the first message to the last of a flood that `begin` brings about.
    async watch(total, begin) {
      begin();
      while (received() === 0) await frame();
      const before = received();
      const times = [await frame()];
      while (received() < total) times.push(await frame());
      const spans = times.slice(1).map((time, at) => time - times[at]).sort((a, b) => a - b);
      const rank = part => spans[Math.min(spans.length - 1, Math.floor(spans.length * part))];
      return {
        rate: (total - before) / (times.at(-1) - times[0]) * 1_000,
        median: rank(0.5), p95: rank(0.95), longest: rank(1),
        received: received(),
      };
    },

    // Types a letter now and then during a flood that `begin` brings about: what a letter costs the
    // page's thread, and how long it is until the frame that shows it.
    async typing(total, begin) {
      begin();
      while (received() === 0) await frame();
      const box = $('textarea') ?? document.body.appendChild(document.createElement('textarea'));
      box.focus();
      let [typed, costs, waits] = ['', [], []];
      while (received() < total) {
        await new Promise(resolve => setTimeout(resolve, 30 + Math.random() * 50));
        const letter = 'letters '[typed.length % 8];
        typed += letter;
        const pressed = performance.now();
        document.execCommand('insertText', false, letter);
        costs.push(performance.now() - pressed);
        await frame();
        waits.push(performance.now() - pressed);
      }
      if (box.value !== typed) throw `${box.value} is not what was typed`;
      const p95 = list => list.sort((a, b) => a - b)[Math.floor(list.length * 0.95)];
      return { typed: typed.length, cost: p95(costs), wait: p95(waits) };
    },

    // Rows in 20 places of the list: each message has the row that it has if none before it is
    // lost, doubled or out of order.
    async check(total) {
      const places = 20;
      let [looked, wrong, offset] = [0, 0, null];
      for (let place = 0; place < places; place++) {
        const { seen } = await jump(place / (places - 1), total);
        offset ??= seen[0].row - seen[0].number;
        looked += seen.length;
        wrong += seen.filter(it => it.row - it.number !== offset).length;
      }
      return { looked, wrong, received: received() };
    },

    // From a click in the middle of a flood that `start` brings about to its effect.
    async disconnect(after, start) {
      start();
      while (received() < after) await frame();
      const status = $('.status');
      const begin = performance.now();
      $('button.connect').click();
      const answered = await becomes(status, () => status.dataset.state !== 'open');
      const closed = await becomes(status, () => status.dataset.state === 'closed');
      return { answered: answered - begin, closed: closed - begin };
    },

    // Takes `address` for `time`, connecting again whenever the page has closed it because messages lag
    // behind: changes a second of the counter and of the rows, in the poorest second of an open connection.
    async endures(address, time) {
      const rows = () => entries().map(it => it.textContent).join();
      const end = performance.now() + time;
      let [open, messages, closed, hung, waited, counts, changes] = [0, 0, 0, 0, 0, Infinity, Infinity];
      while (performance.now() < end) {
        const before = received();
        const wait = await opens(address);
        waited = Math.max(waited, wait ?? DRAINED);
        if (wait === null) {
          hung += 1;
          await closes();
          continue;
        }
        const from = await frame();
        let [begin, now, count, row, counted, changed] = [from, from, received(), rows(), 0, 0];
        while (state() === 'open' && now < end) {
          now = await frame();
          const [last, seen] = [count, row];
          [count, row] = [received(), rows()];
          counted += count !== last;
          changed += row !== seen;
          // A connection that the page closes may last no whole second.
          if (now - begin < 1_000 && (state() === 'open' || now - begin < 500)) continue;
          counts = Math.min(counts, counted / (now - begin) * 1_000);
          changes = Math.min(changes, changed / (now - begin) * 1_000);
          [begin, counted, changed] = [now, 0, 0];
        }
        open += now - from;
        messages += received() - before;
        if (now < end) closed += 1;
        await closes();
      }
      const least = it => Number.isFinite(it) ? it : 0;
      return { counts: least(counts), changes: least(changes), closed, hung, waited, rate: messages / Math.max(open, 1) * 1_000 };
    },

    // Disconnects from `address`, `after` its first message.
    async leaves(address, after) {
      await opens(address);
      const end = performance.now() + after;
      while (state() === 'open' && performance.now() < end) await frame();
      return { closed: await closes() };
    },

    elements: () => document.querySelectorAll('*').length,

    jump: (part, total) => blocked(async () => ({ ms: (await jump(part, total)).ms })),

    // From typing a word to the final count of rows with it; and how long the page heard nothing
    // of the search at a time.
    find: (word, found) => blocked(async () => {
      const status = $('.list-status');
      const begin = performance.now();
      let [last, silence] = [begin, 0];
      const note = () => {
        const now = performance.now();
        silence = Math.max(silence, now - last);
        last = now;
      };
      const observer = new MutationObserver(note);
      observer.observe(status, { characterData: true, childList: true, subtree: true });
      type('input[type=search]', word);
      const isDone = () => parseInt(status.textContent.replaceAll(',', ''), 10) === found
        && !status.textContent.includes('searching');
      const end = await becomes(status, isDone);
      observer.disconnect();
      return { ms: end - begin, silence };
    }),

    // Round trips through the page and through a bare socket, in turns. Each begins at another
    // moment between two frames. Also the median that the page itself has timed.
    async roundTrips(times, address) {
      const bare = new WebSocket(address);
      await new Promise(resolve => { bare.onopen = resolve; });
      const trips = { page: [], bare: [] };
      for (let turn = 0; turn < times; turn++) {
        const text = to => `${to} ${turn}`.padEnd(32, '.');
        await new Promise(resolve => setTimeout(resolve, Math.random() * 17));
        let begin = performance.now();
        const answered = new Promise(resolve => { bare.onmessage = resolve; });
        bare.send(text('bare'));
        await answered;
        trips.bare.push(performance.now() - begin);

        await new Promise(resolve => setTimeout(resolve, Math.random() * 17));
        type('textarea', text('page'));
        begin = performance.now();
        $('button.send').click();
        const isSeen = () => entries().some(it => it.querySelector('.payload').textContent === `Echo: ${text('page')}`);
        trips.page.push(await becomes($('.messages'), isSeen) - begin);
      }
      bare.close();
      return { ...trips, timed: $('[data-count=p50]').dataset.micros / 1_000 };
    },

    // Has the page say the longest time between two frames until its words contain `end`.
    async reads(end) {
      let [longest, before] = [0, await frame()];
      while (!$('.notices').textContent.includes(end)) {
        const now = await frame();
        longest = Math.max(longest, now - before);
        before = now;
      }
      return { longest };
    },

    // When the page was drawn first, and how many bytes had come by then.
    async drawn() {
      const painted = performance.getEntriesByName('first-contentful-paint')[0]?.startTime;
      if (!painted) throw 'nothing was painted';
      const bytes = ['navigation', 'resource'].flatMap(it => performance.getEntriesByType(it))
        .filter(it => it.responseEnd <= painted)
        .reduce((sum, it) => sum + it.encodedBodySize, 0);
      return { painted, bytes };
    },

    // How many rounds of requests, one begun after the end of another, came before the first paint.
    // With the network slow by `latency`, what merely follows is told from what had to wait. The page
    // is drawn without the engine's thread and the server's endpoints.
    async rounds(latency) {
      const painted = performance.getEntriesByName('first-contentful-paint')[0]?.startTime;
      if (!painted) throw 'nothing was painted';
      const needed = performance.getEntriesByType('resource')
        .filter(it => it.responseEnd <= painted && it.duration >= latency / 2)
        .filter(it => !/\/(worker\.js|endpoints\.json)$/.test(it.name))
        .sort((a, b) => a.startTime - b.startTime);
      const rounds = [];
      for (const it of needed) {
        const before = rounds.filter((_, at) => needed[at].responseEnd <= it.startTime);
        rounds.push(1 + Math.max(0, ...before));
      }
      const blocking = performance.getEntriesByType('resource')
        .filter(it => it.renderBlockingStatus === 'blocking' && !it.name.endsWith('.css'));
      return { rounds: Math.max(0, ...rounds), blocking: blocking.length, painted };
    },
  };
})();
