export * from '@spillway/sdk/testing'
