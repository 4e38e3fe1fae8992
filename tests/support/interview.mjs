// Walks through /choose as a browser without script does: reads the page's form, fills it, sends it.

const unescape = (text) => text.replace(/&quot;/g, '"').replace(/&lt;/g, '<').replace(/&gt;/g, '>').replace(/&#(?:39|x27);/g, "'").replace(/&amp;/g, '&');
const attributes = (tag) => Object.fromEntries([...tag.matchAll(/([\w-]+)(?:="([^"]*)")?/g)].slice(1).map(([, name, value]) => [name, unescape(value ?? '')]));
const plain = (html) => unescape(html.replace(/<[^>]*>/g, ' ')).replace(/\s+/g, ' ').trim();

// What stands on a page: kind, heading, hidden fields and what may be filled in.
export function readPage(html) {
  const main = html.slice(html.indexOf('<main'), html.indexOf('</main>'));
  const fields = [...main.matchAll(/<(?:input|button|select|option)\b[^>]*>/g)].map(([tag]) => ({ tag: tag.match(/\w+/)[0], ...attributes(tag) }));
  const value = (name) => fields.find((field) => field.name === name && field.type === 'hidden')?.value;
  const kind = fields.some((field) => field.name === 'who') ? 'start'
    : value('question') ? 'question'
      : /class="urgent"/.test(main) ? 'stop'
        : /id="review"/.test(main) ? 'review'
          : /find\?need=teens/.test(main) ? 'minor'
            : /class="rows"/.test(main) ? 'clash' : 'other';
  return {
    html, main, fields, kind,
    heading: plain(main.match(/<h1[^>]*>([\s\S]*?)<\/h1>/)?.[1] ?? ''),
    progress: plain(main.match(/class="progress">([\s\S]*?)<\/p>/)?.[1] ?? ''),
    problems: [...main.matchAll(/class="ask-problem"[^>]*>([\s\S]*?)<\/p>/g)].map(([, text]) => plain(text)),
    answers: value('answers'), question: value('question'), from: value('from'),
    // names of radios, checkboxes, numbers and lists, each once, with their values
    options: fields.filter((field) => ['radio', 'checkbox'].includes(field.type)),
    numbers: fields.filter((field) => field.tag === 'input' && field.type === 'text').map((field) => field.name),
    text: plain(main),
  };
}

export class Interview {
  constructor(origin, base = '') { this.origin = origin; this.base = base; this.pages = []; }

  async send(parameters) {
    const began = process.hrtime.bigint();
    const response = await fetch(`${this.origin}${this.base}/choose`, {
      method: 'POST', headers: { 'Content-Type': 'application/x-www-form-urlencoded' }, body: new URLSearchParams(parameters).toString(),
    });
    this.page = readPage(await response.text());
    this.page.milliseconds = Number(process.hrtime.bigint() - began) / 1e6;
    this.page.status = response.status;
    this.page.headers = response.headers;
    this.pages.push(this.page);
    return this.page;
  }

  start(who) { return this.send([['who', who]]); }

  carried() {
    const { answers, question, from } = this.page;
    return [['answers', answers], ...(question ? [['question', question]] : []), ...(from ? [['from', from]] : [])];
  }

  go(word, extra = []) { return this.send([...this.carried(), ['go', word], ...extra]); }

  change(question) { return this.send([...this.carried(), ['change', question]]); }

  // `given`: answer ids of the question, or {name: value} for numbers and items.
  answer(given) {
    const { question } = this.page;
    const extra = Array.isArray(given) ? given.map((id) => [question, id])
      : typeof given === 'object' ? Object.entries(given).map(([name, value]) => [`${question}.${name}`, String(value)]) : [[question, given]];
    return this.go('next', extra);
  }
}

// Answer every question by a plan, with the first answer, a no or 0 where it says nothing; to the page behind the last.
export async function walk(interview, who, plan) {
  let page = await interview.start(who);
  for (let i = 0; i < 40 && page.kind === 'question'; i++) {
    const { question } = page;
    if (question === 'wishes') { page = await interview.go('next', plan.wishes ?? []); continue; }
    if (plan[question] === 'skip' || plan[question] === 'unknown') { page = await interview.go(plan[question]); continue; }
    const names = [...new Set(page.options.map(({ name }) => name))];
    const kind = page.options[0]?.type;
    if (plan[question] !== undefined) page = await interview.answer(plan[question]);
    else if (names.length && names[0] !== question) page = await interview.go('next', names.map((name) => [name, '0']));
    else if (names.length) page = await interview.answer([kind === 'checkbox' ? 'none' : page.options[0].value]);
    else page = await interview.go('next', page.numbers.map((name) => [name, '0']));
  }
  return page;
}
