import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import test from 'node:test'
import fc from 'fast-check'
import { blockSchemaChecksum } from './block-checksum.ts'
import { parseKeepingNumbers, pythonCanonicalJson } from './python-json.ts'

const sha256Hex = (text: string) => createHash('sha256').update(text).digest('hex')

// Checksums that a Prefect 3.8.8 client computes.
const vectors: [string, string][] = [
  [
    '{"title":"A","type":"object","properties":{"x":{"title":"X","type":"string"}},"block_type_slug":"a",' +
      '"secret_fields":["x"],"block_schema_references":{}}',
    'ccb73057e88547ad754ca203eeab2e748c393969443382abfab9f31c63942eaf',
  ],
  [
    '{"title":"Ü €😀","properties":{"f":{"default":1.0,"max":1e20,"min":1e-7,"n":-0.0,"i":100000000000000000000}},' +
      '"secret_fields":[],"nested":{"secret_fields":["a"],"keep":[{"secret_fields":[1]}]}}',
    'f3bf0f1266cb4799bac4e9e54e731e2e4583b12475b7518361fa24f896ad7eb5',
  ],
  [
    '{"title":"P","properties":{"a":{"$ref":"#/definitions/Child"},"b":{"$ref":"#/definitions/Plain"},' +
      '"c":{"items":[{"$ref":"#/definitions/Deep"}]}},"definitions":{"Child":{"title":"Child","block_type_sl' +
        'ug":"child",' +
      '"properties":{"z":{"$ref":"#/definitions/Inner"}}},"Plain":{"title":"Plain"},' +
      '"Deep":{"allOf":[{"$ref":"#/definitions/Deeper"}]},"Deeper":{"x":1},"Inner":{"y":2},"Unused":{"u":1}}}',
    '7072da6d8fa87ea588b1af4c5981f8120d5278eb69b306b733c566a900e743f3',
  ],
  ['{"definitions":{}}', '79b9787dcd02e098a1b261c2d8be3dbe363953714e67eccf5610554df8050ed1'],
  [
    '{"a":1,"definitions":{"B":{"block_type_slug":"b"}},"p":{"$ref":"#/definitions/B"}}',
    'b2a335c71fb5f6c63bd85740490d8d24f45e26166c0edd38202a8c2afad88dac',
  ],
  [
    '{"\\ud83d\\ude00":1,"\\uffee":2,"a":{"B":1,"a":2}}',
    '5c66910fb8e2c2968f271d91fa5ec2afcf5c4584287cddc9a2fabfa43d05b999',
  ],
]

test('a block schema has the checksum that clients compute', () => {
  for (const [json, want] of vectors) {
    const fields = parseKeepingNumbers(json) as Record<string, unknown>
    assert.equal(blockSchemaChecksum(fields, sha256Hex), `sha256:${want}`, json)
  }
})

test('definitions that refer to each other do not keep the checksum from ending', () => {
  const fields = { definitions: { A: { $ref: '#/definitions/B' }, B: { $ref: '#/definitions/A' } } }
  assert.match(blockSchemaChecksum(fields, sha256Hex), /^sha256:[0-9a-f]{64}$/)
})

test('canonical JSON is sorted, spaced, ASCII, and reads back as the same value', () => {
  assert.equal(
    pythonCanonicalJson({ b: [1, 'é'], a: { d: null, c: true } }),
    '{"a": {"c": true, "d": null}, "b": [1, "\\u00e9"]}',
  )
  assert.equal(pythonCanonicalJson([1.5, 1e21, 1e-7, 0.0001]), '[1.5, 1e+21, 1e-07, 0.0001]')
  fc.assert(
    fc.property(fc.jsonValue(), (value) => {
      const json = pythonCanonicalJson(value)
      assert.ok(/^[\x20-\x7e]*$/.test(json.replaceAll('\x7f', '')))
      assert.deepEqual(JSON.parse(json), JSON.parse(JSON.stringify(value)))
    }),
  )
})
