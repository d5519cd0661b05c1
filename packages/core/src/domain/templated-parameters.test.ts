import assert from 'node:assert/strict'
import test from 'node:test'
import { actionTemplateFault, templatedParametersFault, withTemplateKinds } from './templated-parameters.ts'

const jinja = (template: string) => ({ __prefect_kind: 'jinja', template })

test('plain texts with templates become objects that say so', () => {
  const json = (template: string) => ({ __prefect_kind: 'json', value: jinja(template) })
  assert.deepEqual(
    withTemplateKinds({
      one: ' {{ flow.name }} ',
      two: '{{ a }}{{ b }}',
      text: 'Hi {{ a }}',
      plain: 'x',
      n: 5,
      list: ['{{ a }}', { x: '{% if a %}{% endif %}' }],
      deep: { y: '{{ a }}' },
      kind: { __prefect_kind: 'none', value: '{{ a }}' },
    }),
    {
      one: json('{{ flow.name | tojson }}'),
      two: jinja('{{ a }}{{ b }}'),
      text: jinja('Hi {{ a }}'),
      plain: 'x',
      n: 5,
      list: [json('{{ a | tojson }}'), { x: jinja('{% if a %}{% endif %}') }],
      deep: { y: json('{{ a | tojson }}') },
      kind: { __prefect_kind: 'none', value: '{{ a }}' },
    },
  )
})

test('parameters with faults are refused, all faults named', () => {
  assert.equal(
    templatedParametersFault({ a: { b: '{{ x' } }),
    "Invalid parameters: \na.b: Invalid jinja: unexpected end of template, expected 'end of print statement'.",
  )
  assert.equal(
    templatedParametersFault({ a: { __prefect_kind: 'json', value: '{' }, b: '{{ }}' }),
    'Invalid parameters: \na: Invalid JSON: ' +
      'Expecting property name enclosed in double quotes: line 1 column 2 (char 1)' +
      "\n  b: Invalid jinja: unexpected '|'",
  )
  assert.equal(
    templatedParametersFault({ a: { __prefect_kind: 'workspace_variable', variable_name: 'x' }, b: '{{ 5 }}' }),
    undefined,
  )
})

test('a field that is no template is refused', () => {
  assert.equal(
    actionTemplateFault({ field: 'body', text: '{{ x' }),
    "'body' is not a valid template: unexpected end of template, expected 'end of print statement'.",
  )
  assert.equal(actionTemplateFault({ field: 'body', text: 'Flow {{ flow.name }}' }), undefined)
})
