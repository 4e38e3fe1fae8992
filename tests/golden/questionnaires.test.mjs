// The instruments as a reader meets them: FHIR R4 questionnaires, complete in both languages, with the numbers of the
// published forms. Reads the files alone, without the program. Expected numbers stand here, each with its source.
import { test } from 'node:test';
import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { BANDS, FORMS, MAY_STAY_OPEN, upTo } from '../support/forms.mjs';
import { readCsv } from '../support/independent.mjs';
import { fold, grade } from '../support/reading.mjs';
import { shared } from '../support/server.mjs';

const folder = fileURLToPath(new URL('../../knowledge', import.meta.url));
const table = (name) => readCsv(readFileSync(join(folder, name), 'utf8'));
const instruments = table('instruments.csv');
const scales = table('instrument-scales.csv');
const bands = table('instrument-bands.csv');
const triggers = table('instrument-triggers.csv');
const forms = new Map(readdirSync(join(folder, 'instruments')).filter((name) => name.endsWith('.json'))
  .map((name) => [name.slice(0, -5), JSON.parse(readFileSync(join(folder, 'instruments', name), 'utf8'))]));

const flat = (items) => items.flatMap((item) => [item, ...flat(item.item ?? [])]);
const itemsOf = (id) => flat(forms.get(id).item);
const questionsOf = (id) => itemsOf(id).filter((item) => !['group', 'display'].includes(item.type));
const extension = (element, url) => element?.extension?.find((one) => one.url === url);
const ORDINAL = 'http://hl7.org/fhir/StructureDefinition/ordinalValue';
function spanish(shadow) {
  const translation = extension(shadow, 'http://hl7.org/fhir/StructureDefinition/translation');
  return extension(translation, 'lang')?.valueCode === 'es' ? extension(translation, 'content')?.valueString : undefined;
}

// The allowed answers of an item, as they are scored.
function allowed(item) {
  if (item.type === 'boolean') return [0, 1];
  if (item.type === 'choice') return item.answerOption.map((option) => extension(option, ORDINAL).valueDecimal).sort((a, b) => a - b);
  const low = extension(item, 'http://hl7.org/fhir/StructureDefinition/minValue').valueInteger;
  const high = extension(item, 'http://hl7.org/fhir/StructureDefinition/maxValue').valueInteger;
  return Array.from({ length: high - low + 1 }, (_, index) => low + index);
}

// --- Shape --------------------------------------------------------------------------------------------------------

test('all nineteen are there, in files and in the table', () => {
  assert.deepEqual([...forms.keys()].sort(), Object.keys(FORMS).sort());
  assert.deepEqual(instruments.map((row) => row.instrument).sort(), Object.keys(FORMS).sort());
  assert.deepEqual(instruments.filter((row) => row.on === 'no').map((row) => row.instrument).sort(), ['barc-10', 'dast-10']);
  assert.deepEqual(instruments.filter((row) => row.filled_by === 'staff').map((row) => row.instrument).sort(), ['ciwa-ar', 'cows']);
});

test('each is a FHIR R4 Questionnaire', () => {
  const types = new Set(['group', 'display', 'boolean', 'choice', 'integer']);
  for (const [id, form] of forms) {
    assert.equal(form.resourceType, 'Questionnaire', id);
    assert.equal(form.id, id);
    assert.equal(form.status, 'active', id);
    assert.match(form.name, /^[A-Z][A-Za-z0-9]{0,254}$/, id); // FHIR qst-0
    for (const name of ['url', 'title', 'description', 'purpose', 'publisher', 'copyright']) assert.ok(form[name], `${id}: ${name}`);
    const numbers = itemsOf(id).map((item) => item.linkId);
    assert.equal(new Set(numbers).size, numbers.length, `${id}: a linkId stands twice`);
    for (const item of itemsOf(id)) {
      const where = `${id} ${item.linkId}`;
      assert.ok(types.has(item.type), where);
      assert.ok(item.text && item.text.length <= 300, where);
      assert.equal(item.type === 'group', Boolean(item.item), where); // FHIR qst-1
      assert.equal(item.type === 'choice', Boolean(item.answerOption), where); // FHIR qst-5
      if (item.type !== 'choice') continue;
      const codes = item.answerOption.map((option) => `${option.valueCoding.system}|${option.valueCoding.code}`);
      assert.equal(new Set(codes).size, codes.length, where);
      for (const option of item.answerOption) {
        assert.ok(option.valueCoding.display, where);
        assert.equal(typeof extension(option, ORDINAL).valueDecimal, 'number', where);
      }
    }
  }
});

test('every question is required but those that no scale needs', () => {
  for (const id of forms.keys())
    assert.deepEqual(questionsOf(id).filter((item) => item.required !== true).map((item) => item.linkId), MAY_STAY_OPEN[id] ?? [], id);
});

test('skip logic asks only an earlier question, and an answer that it has', () => {
  for (const id of forms.keys()) {
    const before = new Map();
    for (const item of itemsOf(id)) {
      for (const condition of item.enableWhen ?? []) {
        const where = `${id} ${item.linkId}`;
        const asked = before.get(condition.question);
        assert.ok(asked, where);
        if (condition.answerCoding) assert.ok(asked.answerOption.some((option) => option.valueCoding.code === condition.answerCoding.code), where);
        else if ('answerBoolean' in condition) assert.equal(asked.type, 'boolean', where);
        else assert.equal(asked.type, 'integer', where);
      }
      before.set(item.linkId, item);
    }
  }
  const asksFirst = (id) => Object.fromEntries(questionsOf(id).filter((item) => item.enableWhen)
    .map((item) => [item.linkId, item.enableWhen.map((condition) => condition.question).join()]));
  assert.deepEqual(asksFirst('c-ssrs'), { 3: '2', 4: '2', 5: '2', '6a': '6' });
  assert.deepEqual(asksFirst('pc-ptsd-5'), { 1: '0', 2: '0', 3: '0', 4: '0', 5: '0' });
  assert.equal(asksFirst('taps')['5'], 's3');
  assert.equal(asksFirst('taps')['5a'], '5');
  for (const id of ['phq-9', 'cows', 'gad-7', 'audit-c', 'dast-10']) assert.deepEqual(asksFirst(id), {}, id);
});

// --- Numbers ------------------------------------------------------------------------------------------------------

for (const [id, [sets, ranges]] of Object.entries(FORMS)) {
  test(`${id} has the answers and ranges of its form`, () => {
    const questions = questionsOf(id);
    assert.deepEqual(Object.fromEntries(questions.map((item) => [item.linkId, allowed(item)])), sets);
    const rows = scales.filter((row) => row.instrument === id);
    assert.deepEqual(Object.fromEntries(rows.map((row) => [row.scale, [Number(row.minimum), Number(row.maximum)]])), ranges);
    // The range follows from the answers, by the transform.
    for (const row of rows) {
      const counts = new Map();
      for (const part of row.transform.split(';').filter((text) => text.trim())) {
        const [numbers, pairs] = part.split(':');
        const map = new Map(pairs.trim().split(/\s+/).map((pair) => pair.split('=').map(Number)));
        for (const number of numbers.trim().split(/\s+/)) counts.set(number, map);
      }
      let low = 0, high = 0;
      for (const number of row.items.split(' ')) {
        const item = questions.find((one) => one.linkId === number);
        assert.ok(item, `${id}: no item ${number}`);
        const values = allowed(item).map((value) => (counts.has(number) ? counts.get(number).get(value) : value));
        low += Math.min(...values);
        high += Math.max(...values);
      }
      assert.deepEqual([low, high], ranges[row.scale], `${id} ${row.scale}`);
      assert.equal(row.method, 'sum');
    }
  });
}

test('scales sum the items of their forms', () => {
  const items = (id, scale) => scales.find((row) => row.instrument === id && row.scale === scale).items;
  assert.equal(items('phq-9', 'total'), '1 2 3 4 5 6 7 8 9');
  assert.equal(items('pc-ptsd-5', 'total'), '1 2 3 4 5');
  for (const id of ['bam', 'bam-r']) { // VistA routine YTSBAMR and the BAM's manual
    assert.equal(items(id, 'use'), '4 5 6');
    assert.equal(items(id, 'risk'), '1 2 3 8 11 15');
    assert.equal(items(id, 'protective'), '9 10 12 13 14 16');
  }
  assert.equal(items('ahc-hrsn', 'safety'), '7 8 9 10');
  assert.equal(items('taps', 'heroin'), '5 5a 5b');
  const transform = (id, scale) => scales.find((row) => row.instrument === id && row.scale === scale).transform;
  assert.match(transform('dast-10', 'total'), /^3: 0=1 1=0$/);
  assert.match(transform('bam-r', 'risk'), /^1 8 15: 0=0 1=8 2=15 3=22 4=30$/); // YTSBAMR, SCORADJ
  assert.match(transform('bam-r', 'protective'), /^9 12: 0=0 1=8 2=15 3=22 4=30; 14: 0=0 1=30$/);
});

test('worse always scores higher, but where more is better', () => {
  const orderOf = (id, number) => questionsOf(id).find((item) => item.linkId === number).answerOption
    .map((option) => [extension(option, ORDINAL).valueDecimal, option.valueCoding.display]).sort((a, b) => a[0] - b[0]).map((pair) => pair[1]);
  assert.match(orderOf('bam', '1')[0], /Excellent/);
  assert.match(orderOf('bam', '1')[4], /Poor/);
  assert.match(orderOf('audit-c', '1')[0], /Never/);
  assert.match(orderOf('ahc-hrsn', '3')[0], /Never/);
  assert.match(orderOf('barc-10', '1')[5], /Strongly agree/);
  for (const item of questionsOf('phq-9').slice(0, 9)) assert.deepEqual(item.answerOption.map((option) => [option.valueCoding.code, extension(option, ORDINAL).valueDecimal]),
    [['LA6568-5', 0], ['LA6569-3', 1], ['LA6570-1', 2], ['LA6571-9', 3]]);
});

// A condition over the total, by JavaScript's own operators; without a sex.
const holds = (when, total) => when.split('|').some((all) => all.trim().split('&').every((term) => {
  if (/^\s*!?sex/.test(term)) return false;
  if (term.trim() === 'always') return true;
  const [, operator, low, high] = term.match(/(<=|>=|<|>|=)\s*(\d+)(?:\.\.(\d+))?/);
  if (high) return total >= Number(low) && total <= Number(high);
  return { '=': total === Number(low), '<=': total <= Number(low), '>=': total >= Number(low), '<': total < Number(low), '>': total > Number(low) }[operator];
}));
const bandOf = (id, set, total) => bands.filter((row) => row.instrument === id && row.scale === 'total' && row.band_set === set && holds(row.when, total)).map((row) => row.band);

test('bands have the published cuts', () => {
  for (const [id, expected] of Object.entries(BANDS)) {
    const names = [...new Set(bands.filter((row) => row.instrument === id && row.scale === 'total').map((row) => row.band_set))];
    const sets = Array.isArray(expected) ? { [names[0]]: expected } : expected;
    assert.deepEqual(names.sort(), Object.keys(sets).sort(), id);
    for (const [set, cuts] of Object.entries(sets))
      for (const [band, low, high] of cuts)
        for (let total = low; total <= high; total++) assert.deepEqual(bandOf(id, set, total), [band], `${id} ${set} ${total}`);
  }
});

test('one band set of each scale is the default', () => {
  const defaults = new Map();
  for (const row of bands) {
    const key = `${row.instrument} ${row.scale}`;
    if (!defaults.has(key)) defaults.set(key, new Set());
    if (row.default === 'yes') defaults.get(key).add(row.band_set);
  }
  for (const [key, sets] of defaults) assert.equal(sets.size, 1, key);
  assert.deepEqual([...defaults.get('ciwa-ar total')], ['sullivan-1989']);
  assert.deepEqual([...defaults.get('pc-ptsd-5 total')], ['efficient-4']);
  assert.ok(![...defaults.keys()].some((key) => key.startsWith('bam-r')), 'the BAM-R has no cut-offs of its own');
});

test('what a score leads to', () => {
  const find = (id) => triggers.filter((row) => row.instrument === id).map((row) => [row.trigger, row.urgent, row.when]);
  assert.deepEqual(find('phq-2'), [['phq-9', 'no', 'total >= 3']]);
  assert.deepEqual(find('phq-9'), [['c-ssrs', 'yes', 'q9 >= 1']]);
  assert.deepEqual(find('c-ssrs')[0], ['crisis', 'yes', 'q4 = 1 | q5 = 1 | q6a = 1']);
  const known = new Set([...forms.keys(), ...table('help.csv').map((row) => row.key)]);
  for (const row of triggers) assert.ok(known.has(row.trigger), row.trigger);
});

// --- Codes --------------------------------------------------------------------------------------------------------

// LOINC's check digit: double every second digit from the right, beginning with the last before the dash.
function checks(code) {
  const [digits, check] = code.split('-');
  const sum = [...digits].reverse().reduce((total, digit, index) => {
    const value = index % 2 === 0 ? 2 * Number(digit) : Number(digit);
    return total + Math.floor(value / 10) + (value % 10);
  }, 0);
  return (10 - (sum % 10)) % 10 === Number(check);
}

test('LOINC codes pass the check digit and are the verified ones', () => {
  for (const bad of ['72109-3', '93373-7', '83476-7']) assert.ok(!checks(bad), bad); // circulate in public repositories
  const panels = { 'phq-9': '44249-1', 'phq-2': '55757-9', 'gad-7': '69737-5', 'audit-c': '72109-2', 'dast-10': '82666-9', 'c-ssrs': '93373-9', 'ahc-hrsn': '96777-8' };
  const verified = new Set(Object.values(panels).concat(['69722-7', '44250-9', '44255-8', '44259-0', '44254-1', '44251-7', '44258-2', '44252-5', '44253-3', '44260-8',
    '69725-0', '68509-9', '69733-4', '69734-2', '69735-9', '69689-8', '69736-7']));
  for (const [id, form] of forms) {
    const local = `urn:fairlead:instrument:${id}`;
    assert.deepEqual(form.code.map((code) => code.code), [panels[id] ?? id], id);
    for (const code of [form, ...itemsOf(id)].flatMap((element) => element.code ?? [])) {
      if (code.system !== 'http://loinc.org') { assert.equal(code.system, local); continue; }
      assert.ok(checks(code.code), code.code);
      assert.ok(verified.has(code.code), `${code.code} is not verified`);
    }
    for (const { valueCoding } of itemsOf(id).flatMap((item) => item.answerOption ?? []))
      if (valueCoding.system === 'http://loinc.org') assert.match(valueCoding.code, /^LA65(6[89]|7[0-5])-\d$/);
      else assert.equal(valueCoding.system, local);
  }
});

// --- Words --------------------------------------------------------------------------------------------------------

// Every pair of English and Spanish texts of a form, with where it stands.
function textsOf(id) {
  const form = forms.get(id);
  const out = ['title', 'description', 'purpose', 'copyright'].map((name) => [name, form[name], spanish(form[`_${name}`])]);
  for (const item of itemsOf(id)) {
    out.push([item.linkId, item.text, spanish(item._text)]);
    for (const { valueCoding } of item.answerOption ?? []) out.push([`${item.linkId} ${valueCoding.code}`, valueCoding.display, spanish(valueCoding._display)]);
  }
  return out;
}
const rowsOf = (id) => [...scales.map((row) => [row, ['label']]), ...bands.map((row) => [row, ['label', 'meaning']]), ...triggers.map((row) => [row, ['text']])]
  .filter(([row]) => row.instrument === id)
  .flatMap(([row, names]) => names.map((name) => [row.band ?? row.scale ?? row.trigger, row[`${name}_en`], row[`${name}_es`]]));

test('every text stands in Spanish too, and is not the English one', () => {
  const same = /^(?:No|Total|Alcohol|\d+ o \d+)$/;
  for (const id of forms.keys())
    for (const [where, en, es] of [...textsOf(id), ...rowsOf(id)]) {
      assert.ok(en && es, `${id} ${where}: "${en}" has no Spanish`);
      if (en === es) assert.match(en, same, `${id} ${where}`);
      assert.ok(!/^\s|\s$|\s\s|!/.test(en + es), `${id} ${where}`);
      assert.equal(/[.:?]$/.test(en.trim()), /[.:?]$/.test(es.trim()), `${id} ${where}: one ends a sentence, the other does not: ${en} / ${es}`);
      assert.equal((es.match(/¿/g) ?? []).length <= (es.match(/\?/g) ?? []).length, true, `${id} ${where}: ${es}`);
    }
});

test('numbers in a text are the same in both languages', () => {
  const digits = (text) => (text.match(/\d+(?:\.\d+)?/g) ?? []).sort().join(' ');
  for (const id of forms.keys())
    for (const [where, en, es] of [...textsOf(id), ...rowsOf(id)].filter(([name]) => name !== 'copyright'))
      assert.equal(digits(es.replace(/5\.ª/, '5')), digits(en.replace(/5th/, '5')), `${id} ${where}: ${en} / ${es}`);
});

test('no text blames or labels a person', () => {
  const avoided = table('words-to-avoid.csv');
  const clean = (text) => text.replaceAll('National Institute on Drug Abuse', ''); // an institution's name is not ours to change
  for (const id of forms.keys())
    for (const [where, en, es] of [...textsOf(id), ...rowsOf(id)])
      for (const [language, text] of [['en', clean(en)], ['es', clean(es)]])
        for (const { word } of avoided.filter((row) => row.language === language))
          assert.ok(!` ${fold(text)} `.includes(` ${fold(word)} `), `${id} ${where}: "${word}" in "${text}"`);
});

// Names that have no plain word; each counts as two syllables, as in knowledge.test.mjs.
const NAMES = new Set(fold(`opioid opioids heroin fentanyl buprenorphine cocaine marijuana medicine hepatitis columbia sedatives stimulants
  ativan klonopin vicodin percocet adderall ritalin medicaid television spirituality`).split(' '));

test('what a person reads is at a sixth-grade level', () => {
  const sentence = (text) => (/[.?:]$/.test(text) ? text : `${text}.`);
  const grades = [];
  for (const { instrument, filled_by } of instruments) {
    if (filled_by === 'staff') continue;
    const form = forms.get(instrument);
    const texts = [form.purpose, form.description, ...questionsOf(instrument).map((item) => item.text), ...rowsOf(instrument).map((row) => row[1])];
    grades.push([Number(grade(texts.map((text) => sentence(text.replace(/…/g, ''))).join(' '), NAMES).toFixed(1)), instrument]);
  }
  assert.deepEqual(grades.filter(([value]) => value > 6.5).sort(), []);
  // Each meaning by itself.
  const meanings = bands.filter((row) => instruments.find((one) => one.instrument === row.instrument).filled_by === 'person')
    .map((row) => [Number(grade(row.meaning_en, NAMES).toFixed(1)), row.meaning_en]);
  assert.deepEqual(meanings.filter(([value]) => value > 9).sort(), []);
});

test('whose it is stands in every form, and that our wording is our own where the original is not free', () => {
  for (const [id, form] of forms) assert.ok(form.copyright.length > 30, id);
  for (const id of ['cows', 'sows-gossop', 'sows-handelsman', 'dsm-5-oud', 'dast-10', 'barc-10', 'readiness']) assert.match(forms.get(id).copyright, /[Oo]ur own/, id);
  for (const id of ['dast-10', 'barc-10']) assert.match(forms.get(id).copyright, /noncommercial/, id);
  for (const row of [...instruments, ...bands, ...triggers]) {
    assert.ok(row.source, JSON.stringify(row));
    assert.match(row.grade, /^(?:V|V2|GK|P|I)$/, JSON.stringify(row));
    assert.equal(row.signed_by, 'unsigned', JSON.stringify(row));
  }
});

// --- The keys of VistA, a work of the United States government -----------------------------------------------------

const vista = join(shared, 'data/clinical/vista_mh/vista_instruments.json');
const missing = !existsSync(vista) && 'the scoring keys of VistA are not here';

// Highest key of each question of a VistA scale, in the form's order. A zero often has no key.
function vistaSets(name, scale) {
  const source = JSON.parse(readFileSync(vista, 'utf8'))[name];
  const keys = (scale ? source.scales.find((one) => one.scale.trim() === scale) : source.scales[0]).keys;
  return source.questions.map((question) => [0, ...keys.filter((key) => key.q === question.q).map((key) => Number(key.value))])
    .filter((values) => values.length > 1).map((values) => [...new Set(values)].sort((a, b) => a - b));
}

test('allowed answers are those of the keys of VistA', { skip: missing }, () => {
  const sets = (id, numbers) => questionsOf(id).filter((item) => !numbers || numbers.split(' ').includes(item.linkId)).map(allowed);
  assert.deepEqual(sets('cows'), vistaSets('COWS'));
  assert.deepEqual(sets('ciwa-ar'), vistaSets('CIWA-AR-').map((set, index, all) => (index === all.length - 1 ? upTo(4) : upTo(7))));
  for (const [index, set] of vistaSets('CIWA-AR-').entries()) for (const value of set) assert.ok(sets('ciwa-ar')[index].includes(value), `${index} ${value}`);
  assert.deepEqual(sets('phq-9').slice(0, 9), vistaSets('PHQ9'));
  assert.deepEqual(sets('phq-2'), vistaSets('PHQ-2'));
  assert.deepEqual(sets('gad-7'), vistaSets('GAD-7'));
  assert.deepEqual(sets('audit-c'), vistaSets('AUDC'));
  assert.deepEqual(sets('pc-ptsd-5').slice(1), vistaSets('PC-PTSD-5'));
  for (const [scale, ours] of [['Use', 'use'], ['Risk Factors', 'risk'], ['Protective Factors', 'protective']]) {
    const row = scales.find((one) => one.instrument === 'bam' && one.scale === ours);
    // Income is yes or no here, and counts 4 by the transform.
    assert.deepEqual(sets('bam', row.items).map((set) => (set.length === 2 ? [0, 4] : set)), vistaSets('BAM', scale));
  }
});

test('recorded answers of VistA reproduce their totals from our answers', { skip: missing }, () => {
  const ids = { PHQ9: 'phq-9', 'PHQ-2': 'phq-2', 'GAD-7': 'gad-7', 'PC PTSD': 'pc-ptsd', AUDC: 'audit-c' };
  const records = JSON.parse(readFileSync(vista.replace('instruments', 'test_vectors'), 'utf8')).filter((record) => ids[record.instrument]);
  assert.ok(records.length >= 10);
  for (const { instrument, answers, results } of records) {
    const id = ids[instrument];
    const row = scales.find((one) => one.instrument === id && one.scale === 'total');
    const questions = questionsOf(id);
    let total = 0;
    answers.forEach((answer, index) => {
      const item = questions[index];
      if (!row.items.split(' ').includes(item.linkId)) return;
      // PHQ and GAD store ordinals from 1, the AUDIT-C stores scores, the PC-PTSD letters.
      const value = answer.legacy === 'Y' ? 1 : answer.legacy === 'N' ? 0 : Number(answer.legacy) - (id === 'audit-c' ? 0 : 1);
      assert.ok(allowed(item).includes(value), `${id} ${item.linkId}: ${value}`);
      total += value;
    });
    assert.equal(total, Number(results[0].raw), `${id} ${JSON.stringify(answers)}`);
  }
});
