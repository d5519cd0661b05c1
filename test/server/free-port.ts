export { freePort } from '../../packages/sdk/src/testing/free-port.ts'
