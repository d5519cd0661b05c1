import assert from 'node:assert/strict'
import test from 'node:test'
import fc from 'fast-check'
import {
  TemplateRenderError,
  TemplateSyntaxError,
  TemplateTime,
  mayBeTemplate,
  namesInTemplates,
  renderTemplate,
  templateFault,
} from './template.ts'

const context = {
  name: 'Ann',
  n: 5,
  f: 1.5,
  t: true,
  none: null,
  l: [3, 1, 2],
  d: { b: 1, a: 'x y', get: 7 },
  e: [],
  objs: [
    { k: 'a', v: 1 },
    { k: 'b', v: 2 },
    { k: 'a', v: 3 },
  ],
  html: '<b>"it\'s" & x</b>',
  text: 'the quick brown fox',
  event: { resource: { 'prefect.resource.id': 'prefect.flow-run.1' } },
  neg: -7,
}

// What Prefect 3.8.8 renders from the same templates and values.
const rendered: [template: string, text: string][] = [
  ['{{ name }}', 'Ann'],
  ['{{ n + 2 }}', '7'],
  ['{{ n / 2 }}', '2.5'],
  ['{{ n // 2 }}', '2'],
  ['{{ neg // 2 }}', '-4'],
  ['{{ neg % 3 }}', '2'],
  ['{{ n ** 2 }}', '25'],
  ['{{ n * 2 - 1 }}', '9'],
  ['{{ "a" ~ 1 ~ true }}', 'a1True'],
  ['{{ t }}', 'True'],
  ['{{ none }}', 'None'],
  ['{{ l }}', '[3, 1, 2]'],
  ['{{ d }}', "{'b': 1, 'a': 'x y', 'get': 7}"],
  ['{{ missing }}', ''],
  ["{{ missing.a.b['c'] }}", ''],
  ['{{ d.a }}', 'x y'],
  ["{{ d['b'] }}", '1'],
  ["{{ d.get('b') }}", '1'],
  ['{{ l[0] }}', '3'],
  ['{{ l[-1] }}', '2'],
  ['{{ l[5] }}', ''],
  ['{{ l[1:] }}', '[1, 2]'],
  ['{{ l[::-1] }}', '[2, 1, 3]'],
  ['{{ name[1:] }}', 'nn'],
  ['{{ name[0] }}', 'A'],
  ["{{ event.resource['prefect.resource.id'] }}", 'prefect.flow-run.1'],
  ['{{ f }}', '1.5'],
  ['{{ "x" if t else "y" }}', 'x'],
  ['{{ "x" if not t }}', ''],
  ['{{ n > 3 and n < 10 }}', 'True'],
  ['{{ 1 < n < 3 }}', 'False'],
  ['{{ 3 in l }}', 'True'],
  ['{{ 9 not in l }}', 'True'],
  ["{{ 'n' in name }}", 'True'],
  ["{{ 'b' in d }}", 'True'],
  ["{{ none or 'dflt' }}", 'dflt'],
  ["{{ e or 'dflt' }}", 'dflt'],
  ['{{ name is defined }}', 'True'],
  ['{{ missing is defined }}', 'False'],
  ['{{ missing is undefined }}', 'True'],
  ['{{ none is none }}', 'True'],
  ['{{ n is odd }}', 'True'],
  ['{{ n is divisibleby 5 }}', 'True'],
  ['{{ n is eq 5 }}', 'True'],
  ['{{ name is string }}', 'True'],
  ['{{ l is iterable }}', 'True'],
  ['{{ d is mapping }}', 'True'],
  ['{{ n is number }}', 'True'],
  ['{{ name is not string }}', 'False'],
  ['{{ n is in l }}', 'False'],
  ['{{ name | upper }}', 'ANN'],
  ['{{ name|lower|title }}', 'Ann'],
  ["{{ missing | default('z') }}", 'z'],
  ["{{ none | default('z') }}", 'None'],
  ["{{ none | default('z', true) }}", 'z'],
  ["{{ '' | d('z', boolean=true) }}", 'z'],
  ['{{ l | length }}', '3'],
  ['{{ l | sort }}', '[1, 2, 3]'],
  ["{{ l | sort(reverse=true) | join(', ') }}", '3, 2, 1'],
  ['{{ l | join }}', '312'],
  ['{{ l | first }}', '3'],
  ['{{ l|last }}', '2'],
  ['{{ e|first }}', ''],
  ['{{ l | sum }}', '6'],
  ['{{ l|max }}', '3'],
  ['{{ l|min }}', '1'],
  ["{{ objs | map(attribute='k') | join(',') }}", 'a,b,a'],
  ["{{ objs | selectattr('k','equalto','a') | list | length }}", '2'],
  ["{{ objs|selectattr('v','gt',1)|map(attribute='v')|list }}", '[2, 3]'],
  ["{{ objs | rejectattr('k','eq','a') | list }}", "[{'k': 'b', 'v': 2}]"],
  ["{{ objs|map(attribute='k')|unique|list }}", "['a', 'b']"],
  ['{{ l | reverse | list }}', '[2, 1, 3]'],
  ['{{ name|reverse }}', 'nnA'],
  ['{{ text|truncate(12) }}', 'the...'],
  ['{{ text|truncate(9, true) }}', 'the qu...'],
  ['{{ text | wordcount }}', '4'],
  ["{{ text|replace('quick','slow') }}", 'the slow brown fox'],
  ['{{ text|capitalize }}', 'The quick brown fox'],
  ["{{ ' x '|trim }}", 'x'],
  ['{{ html|escape }}', '&lt;b&gt;&#34;it&#39;s&#34; &amp; x&lt;/b&gt;'],
  ['{{ html|e }}', '&lt;b&gt;&#34;it&#39;s&#34; &amp; x&lt;/b&gt;'],
  ['{{ html|striptags }}', '"it\'s" & x'],
  ['{{ d | tojson }}', '{"a": "x y", "b": 1, "get": 7}'],
  ['{{ html|tojson }}', '"\\u003cb\\u003e\\"it\\u0027s\\" \\u0026 x\\u003c/b\\u003e"'],
  ['{{ "é"|tojson }}', '"\\u00e9"'],
  ['{{ d|tojson(indent=2) }}', '{\n  "a": "x y",\n  "b": 1,\n  "get": 7\n}'],
  ['{{ l|tojson }}', '[3, 1, 2]'],
  ["{{ '3.7'|int }}", '3'],
  ["{{ 'x'|int(9) }}", '9'],
  ["{{ '3.5'|float }}", '3.5'],
  ['{{ 3.567|round(1) }}', '3.6'],
  ['{{ 3.5|round }}', '4.0'],
  ['{{ 2.5|round|int }}', '2'],
  ['{{ -3|abs }}', '3'],
  ["{{ n|string ~ 'x' }}", '5x'],
  ['{{ d|dictsort }}', "[('a', 'x y'), ('b', 1), ('get', 7)]"],
  ['{{ d|items|list }}', "[('b', 1), ('a', 'x y'), ('get', 7)]"],
  ["{{ objs|groupby('k')|list|length }}", '2'],
  ["{{ 'a b&c/d'|urlencode }}", 'a%20b%26c/d'],
  ['{{ d|urlencode }}', 'b=1&a=x+y&get=7'],
  ['{{ "%s is %d"|format(\'x\',3) }}', 'x is 3'],
  ['{{ text|indent }}', 'the quick brown fox'],
  ['{{ "a\\nb"|indent(2) }}', 'a\n  b'],
  ['{{ l|batch(2)|list }}', '[[3, 1], [2]]'],
  ['{{ 123456789|filesizeformat }}', '123.5 MB'],
  ['{{ l|pprint }}', '[3, 1, 2]'],
  ['{{ text.upper() }}', 'THE QUICK BROWN FOX'],
  ['{{ text.split() }}', "['the', 'quick', 'brown', 'fox']"],
  ["{{ text.split(' ')[0] }}", 'the'],
  ["{{ text.startswith('the') }}", 'True'],
  ["{{ text.replace('the','a') }}", 'a quick brown fox'],
  ['{{ d.keys()|list }}', "['b', 'a', 'get']"],
  ['{{ d.items()|list }}', "[('b', 1), ('a', 'x y'), ('get', 7)]"],
  ['{{ d.values()|list }}', "[1, 'x y', 7]"],
  ["{{ ', '.join(['a','b']) }}", 'a, b'],
  ['{{ range(3)|list }}', '[0, 1, 2]'],
  ['{{ range(1,10,3)|list }}', '[1, 4, 7]'],
  ["{{ [1,'a',none] }}", "[1, 'a', None]"],
  ["{{ {'a':1} }}", "{'a': 1}"],
  ['{{ (1,2) }}', '(1, 2)'],
  ['{{ "it\'s" }}', "it's"],
  ['{{ ["it\'s"] }}', '["it\'s"]'],
  ['{{ 1.0 }}', '1.0'],
  ['{{ 10/2 }}', '5.0'],
  ['{{ 1e3 }}', '1000.0'],
  ["{{ 'a' * 3 }}", 'aaa'],
  ['{{ not t }}', 'False'],
  ['{{ -n }}', '-5'],
  ['{{ +n }}', '5'],
  ['{{ n == 5.0 }}', 'True'],
  ["{{ 'a' < 'b' }}", 'True'],
  ['{{ "a" "b" }}', 'ab'],
  ['{{ name.__class__ }}', ''],
  ['{{ d|length }}', '3'],
  ['{{ 3|center }}', '                                       3                                        '],
  ["{{ 'x'|center(5) }}", '  x  '],
  ['{{ l|list|tojson|length }}', '9'],
  ["{{ l|select('gt',1)|list }}", '[3, 2]'],
  ["{{ l|reject('odd')|list }}", '[2]'],
  ["{{ l|map('string')|join('-') }}", '3-1-2'],
  ['{{ dict(a=1) }}', "{'a': 1}"],
  ['{{ n|humanize_intcomma }}', '5'],
  ['{{ 1234567|humanize_intcomma }}', '1,234,567'],
  ['{{ 1234567|humanize_naturalsize }}', '1.2 MB'],
  ['{{ 1234567|humanize_intword }}', '1.2 million'],
  ['{% if t %}a{% else %}b{% endif %}', 'a'],
  ['{% if e %}a{% elif n > 3 %}b{% endif %}', 'b'],
  ['{% for x in l %}{{ loop.index }}:{{ x }}{% if not loop.last %}, {% endif %}{% endfor %}', '1:3, 2:1, 3:2'],
  ['{% for x in e %}{{ x }}{% else %}none{% endfor %}', 'none'],
  ['{% for k, v in d.items() %}{{ k }}={{ v }};{% endfor %}', 'b=1;a=x y;get=7;'],
  [
    '{% for x in l if x > 1 %}{{ loop.index0 }}{{ loop.first }}{{ loop.length }}{{ x }} {% endfor %}',
    '0True23 1False22 ',
  ],
  ['{% set x = 3 %}{{ x }}', '3'],
  ['{% set x, y = 1, 2 %}{{ x + y }}', '3'],
  ['{% set x %}a{{ n }}{% endset %}{{ x }}', 'a5'],
  ['{% with a = 1 %}{{ a }}{% endwith %}{{ a }}', '1'],
  ['{% raw %}{{ x }}{% endraw %}', '{{ x }}'],
  ['a {# c #} b', 'a {# c #} b'],
  ['a  {%- if t %}  b  {%- endif -%}  c', 'a  bc'],
  ['{{- n -}} x', '5x'],
  ['x\n', 'x\n'],
  ['x\n\n', 'x\n\n'],
  ['{% filter upper %}a{{ n }}{% endfilter %}', 'A5'],
  ['{% for x in missing %}a{% endfor %}done', 'done'],
  ['{% for i in range(3) %}{% set z = i %}{% endfor %}{{ z }}', ''],
  ['{% set ns = namespace(a=0) %}{% for i in range(3) %}{% set ns.a = ns.a + i %}{% endfor %}{{ ns.a }}', '3'],
  ['{% macro m(a, b=2) %}{{ a }}-{{ b }}{% endmacro %}{{ m(1) }} {{ m(1, b=3) }}', '1-2 1-3'],
  ['{% for x in "abc" %}{{ x }}{{ loop.cycle("o","e") }}{% endfor %}', 'aobeco'],
  ['{% for x in l recursive %}{{ x }}{% endfor %}', '312'],
  ['{{ loop }}', ''],
  ['{% block b %}x{% endblock %}', 'x'],
  ['plain text', 'plain text'],
  ['{{ "{{" }}', '{{'],
  ['{% if missing %}a{% else %}b{% endif %}', 'b'],
  ['{% if missing.x.y == 3 %}a{% endif %}', ''],
  ['{% for x in d %}{{ x }}{% endfor %}', 'baget'],
]

const failing: [template: string, error: string][] = [
  ['{{ range(101) }}', "OverflowError('Range too big. The sandbox blocks ranges larger than MAX_TEMPLATE_RANGE=100.')"],
  ['{{ foo() }}', 'UndefinedError("\'foo\' is undefined")'],
  ['{{ name.foo() }}', "UndefinedError(\"'str object' has no attribute 'foo'\")"],
  ['{{ name + 1 }}', 'TypeError(\'can only concatenate str (not "int") to str\')'],
  ['{{ 1/0 }}', "ZeroDivisionError('division by zero')"],
  ['{{ name|nofilter }}', 'TemplateAssertionError("No filter named \'nofilter\'.")'],
  ['{{ name is notest }}', 'TemplateAssertionError("No test named \'notest\'.")'],
  ['{{ none|length }}', 'TypeError("object of type \'NoneType\' has no len()")'],
  ["{{ d.update({'z':1}) }}", "SecurityError(\"access to attribute 'update' of 'dict' object is unsafe.\")"],
  ['{{ l.append(1) }}', "SecurityError(\"access to attribute 'append' of 'list' object is unsafe.\")"],
  ['{% for x in 5 %}{% endfor %}', 'TypeError("\'int\' object is not iterable")'],
]

const faulty: [template: string, line: number, message: string][] = [
  ['{{ x', 1, "unexpected end of template, expected 'end of print statement'."],
  ['{{ }}', 1, "Expected an expression, got 'end of print statement'"],
  ['{% if %}a{% endif %}', 1, "Expected an expression, got 'end of statement block'"],
  [
    '{% if x %}a',
    1,
    "Unexpected end of template. Jinja was looking for the following tags: 'elif' or 'else' or 'endif'. " +
      "The innermost block that needs to be closed is 'if'.",
  ],
  [
    '{% for x in y %}',
    1,
    "Unexpected end of template. Jinja was looking for the following tags: 'endfor' or 'else'. " +
      "The innermost block that needs to be closed is 'for'.",
  ],
  ['{% foo %}', 1, "Encountered unknown tag 'foo'."],
  ['{{ a b }}', 1, "expected token 'end of print statement', got 'b'"],
  ['{{ 1 + }}', 1, "unexpected 'end of print statement'"],
  ['{% endif %}', 1, "Encountered unknown tag 'endif'."],
  ['{{ "abc }}', 1, "unexpected char '\"' at 3"],
  ['{{ a..b }}', 1, 'expected name or number'],
  ['{{ a[ }}', 1, "unexpected '}', expected ']'"],
  ['{% for x %}{% endfor %}', 1, "expected token 'in', got 'end of statement block'"],
  ['{% for in y %}{% endfor %}', 1, "expected token 'in', got 'y'"],
  ['{% set %}', 1, "Expected an expression, got 'end of statement block'"],
  ['{% else %}', 1, "Encountered unknown tag 'else'."],
  ['{# abc', 1, 'Missing end of comment tag'],
  ['{% raw %} x', 1, 'Missing end of raw directive'],
  ['{{ a | }}', 1, "expected token 'name', got 'end of print statement'"],
  ['{{ a is }}', 1, "expected token 'name', got 'end of print statement'"],
  ['{{ (a }}', 1, "unexpected '}', expected ')'"],
  ['{{ [1,2 }}', 1, "unexpected '}', expected ']'"],
  ['{{ {1:2 }}', 1, "unexpected '}'"],
  [
    '{% if x %}{% endfor %}',
    1,
    "Encountered unknown tag 'endfor'. Jinja was looking for the following tags: 'elif' or 'else' or 'endif'. " +
      "The innermost block that needs to be closed is 'if'.",
  ],
  ['a\nb\n{{ x y }}', 3, "expected token 'end of print statement', got 'y'"],
  ['{{ a ? b }}', 1, "unexpected char '?' at 5"],
  ['{{ a = 1 }}', 1, "expected token 'end of print statement', got '='"],
  ['{{ f(a=1, 2) }}', 1, 'invalid syntax for function call expression'],
  ['{% if x %}a{% elif %}b{% endif %}', 1, "Expected an expression, got 'end of statement block'"],
  ['{{ $ }}', 1, "unexpected char '$' at 3"],
  ['{{ a @ b }}', 1, "unexpected char '@' at 5"],
  ['{% set x = %}', 1, "Expected an expression, got 'end of statement block'"],
  ['{{ a if }}', 1, "unexpected 'end of print statement'"],
  [
    '{% for x in y %}{% else %}',
    1,
    "Unexpected end of template. Jinja was looking for the following tags: 'endfor'. " +
      "The innermost block that needs to be closed is 'for'.",
  ],
  ['{{ a;b }}', 1, "expected token 'end of print statement', got ';'"],
  ['{% if x', 1, "unexpected end of template, expected 'end of statement block'."],
  ['{{ x }', 1, "unexpected '}'"],
  ['{{ a[1:2:3:4] }}', 1, "expected token ',', got ':'"],
  ['{{ "a" | f( }}', 1, "unexpected '}', expected ')'"],
  ['{{ not }}', 1, "unexpected 'end of print statement'"],
  ['{{ a | f(x y) }}', 1, "expected token ',', got 'y'"],
  ['{% set a.b.c = 1 %}', 1, "expected token 'end of statement block', got '.'"],
]

test('templates render as Prefect renders them', () => {
  for (const [template, text] of rendered) assert.equal(renderTemplate(template, context), text, template)
})

test('templates that fail say why', () => {
  for (const [template, error] of failing) {
    assert.throws(
      () => renderTemplate(template, context),
      (thrown) => {
        assert.ok(thrown instanceof TemplateRenderError)
        assert.equal(thrown.message, `Failed to render template due to the following error: ${error}`, template)
        return true
      },
    )
  }
})

test('templates that cannot be read are explained, with their line', () => {
  for (const [template, line, message] of faulty) assert.deepEqual(templateFault(template), { line, message }, template)
  for (const template of ['%}', '}}', '{{ 5.foo }}', '{% with %}{% endwith %}', '{% include "x" %}', 'plain', '']) {
    assert.equal(templateFault(template), undefined, template)
  }
})

test('templates may have ten loops, two deep', () => {
  const loop = (body: string) => `{% for a in b %}${body}{% endfor %}`
  assert.equal(templateFault(loop(loop('')) + loop('').repeat(8)), undefined)
  assert.deepEqual(templateFault(loop('').repeat(11)), {
    line: 0,
    message: 'Contains 11 for loops. Templates can contain no more than 10 for loops.',
  })
  assert.deepEqual(templateFault(loop(loop(loop('')))), {
    line: 0,
    message: 'Contains nested for loops at a depth of 3. Templates can nest for loops no more than 2 loops deep.',
  })
})

test('times print, and their parts can be read', () => {
  const time = { at: new TemplateTime(1_795_172_869_123_456) }
  assert.equal(
    renderTemplate('{{ at }}|{{ at.year }}|{{ at.strftime("%d %b %Y %H:%M") }}|{{ at.isoformat() }}', time),
    '2026-11-20 11:07:49.123456+00:00|2026|20 Nov 2026 11:07|2026-11-20T11:07:49.123456+00:00',
  )
  const nowUs = 1_795_172_869_123_456 + 7_200_000_000
  assert.equal(renderTemplate('{{ at | humanize_naturaltime }}', time, { nowUs }), '2 hours ago')
  assert.equal(renderTemplate('{{ 90 | humanize_naturaldelta }}', {}), 'a minute')
})

test('filters can be added', () => {
  const filters = { shout: (value: unknown) => `${String(value)}!` }
  assert.equal(
    renderTemplate('{{ name | shout }} {{ ["a", "b"] | map("shout") | join }}', context, { filters }),
    'Ann! a!b!',
  )
})

test('a template reaches nothing but its values', () => {
  const templates = [
    '{{ name.constructor }}',
    '{{ d.__proto__ }}',
    '{{ d.constructor }}',
    '{{ l.map }}',
    '{{ l.length }}',
    '{{ d["__proto__"] }}',
    '{{ d.toString }}',
    '{{ n.toFixed }}',
    '{{ globalThis }}',
    '{{ process }}',
    '{{ range.call }}',
    '{{ (1).constructor }}',
    '{{ d.hasOwnProperty }}',
  ]
  for (const template of templates) assert.equal(renderTemplate(template, context), '', template)
  assert.equal(renderTemplate('{{ f }}', { f: () => 'called' }), '<value>')
  assert.throws(() => renderTemplate('{{ f() }}', { f: () => 'called' }), /not callable/)
})

test('templates made to run for ever, or to grow without end, are given up', () => {
  const many = Array.from({ length: 50_000 }, (_, index) => index)
  const templates = [
    '{% for a in many %}{% for b in many %}{% if a == b %}x{% endif %}{% endfor %}{% endfor %}',
    '{% for a in many %}{{ many | sort | length }}{% endfor %}',
    '{{ "a" * 1000000000 }}',
    '{{ many | unique | length }}',
    '{% for a in many %}{{ 49999 in many }}{% endfor %}',
    '{% macro m() %}{{ m() }}{% endmacro %}{{ m() }}',
    '{% set x = "aaaaaaaaaa" %}' + '{% set x = x ~ x ~ x ~ x ~ x ~ x ~ x ~ x ~ x ~ x %}'.repeat(10) + '{{ x }}',
    '{% for a in many %}{{ text | replace("", text) | replace("", text) | replace("", text) }}{% endfor %}',
    `{{ ${'1 + '.repeat(100_000)} 1 }}`,
  ]
  for (const template of templates) {
    const started = process.cpuUsage().user / 1_000
    assert.throws(() => renderTemplate(template, { ...context, many }), TemplateRenderError, template.slice(0, 80))
    assert.ok(process.cpuUsage().user / 1_000 - started < 1500, template.slice(0, 80))
  }
  assert.match(templateFault(`{{ ${'('.repeat(5000)}`)!.message, /nest deeper/)
  const started = process.cpuUsage().user / 1_000
  renderTemplate('{{ x | striptags }}', { x: '<!--'.repeat(100_000) })
  assert.ok(process.cpuUsage().user / 1_000 - started < 1000)
})

test('the names that templates read are known beforehand', () => {
  const names = namesInTemplates([
    '{{ flow.name | ui_url }} {% for run in events if run.id %}{{ loop.index }}{% endfor %}',
    '{% set x = flow_run.state %}',
    '{{ broken',
    'plain',
  ])
  assert.deepEqual([...names].sort(), ['events', 'flow', 'flow_run', 'loop', 'run'])
})

test('any text is rendered, or refused with a reason', () => {
  const piece = fc.constantFrom(
    '{{ ',
    ' }}',
    '{% ',
    ' %}',
    'if ',
    'for ',
    'in ',
    'a',
    ' b',
    '.',
    '|',
    '(',
    ')',
    '[',
    ']',
    '1',
    '"',
    "'",
    ',',
    '+',
    'not ',
    'is ',
    'else',
    'endif',
    'endfor',
    '-',
    '{#',
    '#}',
    'set ',
    '=',
    '{',
    '}',
    ' x\n',
  )
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 25 }), (pieces) => {
      const template = pieces.join('')
      const fault = templateFault(template)
      try {
        const text = renderTemplate(template, { a: 1, b: [1, 2], x: { y: 1 } })
        assert.equal(typeof text, 'string')
        assert.ok(fault === undefined || !mayBeTemplate(template))
      } catch (error) {
        assert.ok(error instanceof TemplateSyntaxError || error instanceof TemplateRenderError, String(error))
      }
    }),
    { numRuns: 2000 },
  )
})
