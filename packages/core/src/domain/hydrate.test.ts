import assert from 'node:assert/strict'
import test from 'node:test'
import {
  UnsettledValue,
  firstValueFault,
  hydrate,
  hydrationNeeds,
  valueFaults,
  type HydrationOptions,
} from './hydrate.ts'
import { ValueFault } from './json-schema/validator.ts'

const KIND = '__prefect_kind'

const options: HydrationOptions = {
  variables: new Map<string, unknown>([
    ['region', { name: 'eu' }],
    ['nothing', null],
  ]),
  templates: {
    fault: (template) => (template.includes('{%') ? 'unexpected tag' : undefined),
    render: (template, context) => {
      if (template.includes('fail')) throw new Error('it failed')
      return template.replaceAll(/\{\{ (\w+) \}\}/g, (_, name: string) => String(context[name] ?? ''))
    },
  },
  templateContext: { name: 'Ann' },
}

test('values stand where their objects stood', () => {
  const cases: [unknown, unknown][] = [
    [
      { a: 1, b: [1, { c: null }] },
      { a: 1, b: [1, { c: null }] },
    ],
    [{ a: { [KIND]: 'none', value: { b: { [KIND]: 'json', value: '[1]' } } } }, { a: { b: [1] } }],
    [{ a: { [KIND]: 'json', value: '{"x": 1}' } }, { a: { x: 1 } }],
    [{ a: { [KIND]: 'json', value: 5 } }, { a: 5 }],
    [{ a: { [KIND]: 'json' }, l: [1, { [KIND]: 'json' }] }, { l: [1] }],
    [{ a: { [KIND]: 'json', value: { [KIND]: 'jinja', template: '"{{ name }}"' } } }, { a: 'Ann' }],
    [{ a: { [KIND]: 'jinja', template: 'Hi {{ name }}' } }, { a: 'Hi Ann' }],
    [{ a: { [KIND]: 'workspace_variable', variable_name: 'region' } }, { a: { name: 'eu' } }],
    [{ a: { [KIND]: 'workspace_variable', variable_name: 'nothing' } }, { a: null }],
    [{ a: { [KIND]: 'workspace_variable' } }, {}],
    [{ [KIND]: 'workspace_variable' }, {}],
    [{ a: { [KIND]: 'other', value: { [KIND]: 'json', value: '1' } } }, { a: { [KIND]: 'json', value: '1' } }],
    [{ a: { [KIND]: null } }, { a: null }],
  ]
  for (const [values, want] of cases) assert.deepEqual(hydrate(values, options), want, JSON.stringify(values))
})

test('what cannot be replaced becomes a fault that says why', () => {
  const cases: [unknown, string][] = [
    [{ [KIND]: 'none' }, "Missing 'value' key in __prefect object"],
    [{ [KIND]: 'jinja' }, "Missing 'template' key in __prefect object"],
    [{ [KIND]: 'json', value: 'nope' }, 'Invalid JSON: Expecting value: line 1 column 1 (char 0)'],
    [{ [KIND]: 'json', value: '{"a":\n x}' }, 'Invalid JSON: Expecting value: line 2 column 2 (char 7)'],
    [{ [KIND]: 'jinja', template: '{% x' }, 'Invalid jinja: unexpected tag'],
    [{ [KIND]: 'jinja', template: 'fail' }, 'Invalid jinja: it failed'],
    [{ [KIND]: 'workspace_variable', variable_name: 'gone' }, "Variable 'gone' not found in workspace."],
    [{ [KIND]: 'json', value: { [KIND]: 'jinja' } }, "Missing 'template' key in __prefect object"],
  ]
  for (const [value, want] of cases) {
    const fault = firstValueFault(hydrate({ deep: [{ value }] }, options))
    assert.ok(fault instanceof ValueFault)
    assert.equal(fault.message, want)
  }
  assert.equal(firstValueFault({ a: [1, { b: 'c' }] }), undefined)
})

test('a template that is only checked is unsettled', () => {
  const { templateContext: _, ...checking } = options
  const values = hydrate({ a: { [KIND]: 'jinja', template: '{{ name }}' } }, checking) as { a: unknown }
  assert.ok(values.a instanceof UnsettledValue)
})

test('the variables to load are known beforehand', () => {
  assert.deepEqual(hydrationNeeds({ a: 1 }), {
    isHydratable: false,
    variableNames: [],
    needsAllVariables: false,
    templates: [],
  })
  const variable = (variable_name: unknown) => ({ [KIND]: 'workspace_variable', variable_name })
  assert.deepEqual(hydrationNeeds([{ a: variable('x') }, { [KIND]: 'json', value: variable('y') }, variable('x')]), {
    isHydratable: true,
    variableNames: ['x', 'y'],
    needsAllVariables: false,
    templates: [],
  })
  assert.deepEqual(hydrationNeeds({ [KIND]: 'jinja', template: '{{ x }}' }).templates, ['{{ x }}'])
  assert.equal(hydrationNeeds(variable({ [KIND]: 'none', value: 'x' })).needsAllVariables, true)
})

test('values that nest without end are a fault, not a crash', () => {
  let value: unknown = 1
  for (let depth = 0; depth < 5000; depth++) value = { [KIND]: 'none', value }
  assert.match(firstValueFault(hydrate(value, options))!.message, /nest deeper/)
})

test('templates are rendered in the sandbox when no other engine is given', () => {
  const value = { [KIND]: 'jinja', template: '{{ name | upper }}' }
  assert.equal(hydrate(value, { variables: new Map(), templateContext: { name: 'Ann' } }), 'ANN')
  const broken = hydrate({ a: [{ b: { [KIND]: 'jinja', template: '{{ }}' } }] }, { variables: 'unsettled' })
  assert.deepEqual(
    valueFaults(broken).map(({ path, fault }) => [path, fault.message]),
    [['a[0].b', "Invalid jinja: Expected an expression, got 'end of print statement'"]],
  )
})
