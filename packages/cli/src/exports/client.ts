export * from '@spillway/sdk/client'
