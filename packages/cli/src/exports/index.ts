export * from '@spillway/sdk'
