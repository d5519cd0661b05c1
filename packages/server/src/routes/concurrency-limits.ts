import {
  BulkDecrementActiveSlotsBody, BulkDecrementActiveSlotsWithLeaseBody, BulkIncrementActiveSlotsBody,
  BulkIncrementActiveSlotsWithLeaseBody, ConcurrencyLimit, ConcurrencyLimitCreate, ConcurrencyLimitV2,
  ConcurrencyLimitV2Create, ConcurrencyLimitV2Update, ConcurrencyLimitWithLeaseResponse,
  DecrementConcurrencyLimitsV1Body, GlobalConcurrencyLimitResponse, IncrementConcurrencyLimitsV1Body, MinimalConcurrencyLimitResponse,
  ReadAllConcurrencyLimitsV2Body, ReadConcurrencyLimitsBody, RenewConcurrencyLeaseBody, ResetConcurrencyLimitByTagBody,
} from '@spillway/core/wire/concurrency-limits'
import { any, anyOf, list, text, uuid } from '@spillway/core/wire/schema'
import { readPage } from '../storage/page.ts'
import { route, type Route } from './route.ts'

const tag = 'Concurrency Limits V2'
const olderTag = 'Concurrency Limits'
const idOrName = { id_or_name: anyOf([uuid(), text()]) }

export const concurrencyLimitRoutes: readonly Route[] = [
  route({
    method: 'POST',
    path: '/v2/concurrency_limits/',
    operationId: 'create_concurrency_limit_v2_v2_concurrency_limits__post',
    tag,
    body: ConcurrencyLimitV2Create,
    replies: { 201: ConcurrencyLimitV2 },
    handle: ({ body }, { store }) => store.write('createConcurrencyLimitV2', body),
  }),
  route({
    method: 'GET',
    path: '/v2/concurrency_limits/{id_or_name}',
    operationId: 'read_concurrency_limit_v2_v2_concurrency_limits__id_or_name__get',
    tag,
    params: idOrName,
    replies: { 200: GlobalConcurrencyLimitResponse },
    handle: ({ params }, { store }) => store.read('readConcurrencyLimitV2', { idOrName: params.id_or_name }),
  }),
  route({
    method: 'PATCH',
    path: '/v2/concurrency_limits/{id_or_name}',
    operationId: 'update_concurrency_limit_v2_v2_concurrency_limits__id_or_name__patch',
    tag,
    params: idOrName,
    body: ConcurrencyLimitV2Update,
    keepAbsent: true,
    replies: { 204: null },
    handle: ({ params, body }, { store }) =>
      store.write('updateConcurrencyLimitV2', { idOrName: params.id_or_name, changes: body }),
  }),
  route({
    method: 'DELETE',
    path: '/v2/concurrency_limits/{id_or_name}',
    operationId: 'delete_concurrency_limit_v2_v2_concurrency_limits__id_or_name__delete',
    tag,
    params: idOrName,
    replies: { 204: null },
    handle: ({ params }, { store }) => store.write('deleteConcurrencyLimitV2', { idOrName: params.id_or_name }),
  }),
  route({
    method: 'POST',
    path: '/v2/concurrency_limits/filter',
    operationId: 'read_all_concurrency_limits_v2_v2_concurrency_limits_filter_post',
    tag,
    body: ReadAllConcurrencyLimitsV2Body,
    replies: { 200: list(GlobalConcurrencyLimitResponse) },
    handle: ({ body }, { store, settings }) =>
      store.read('listConcurrencyLimitsV2', { page: readPage(body, settings.defaultLimit) }, 'scan'),
  }),
  route({
    method: 'POST',
    path: '/v2/concurrency_limits/increment',
    operationId: 'bulk_increment_active_slots_v2_concurrency_limits_increment_post',
    tag,
    body: BulkIncrementActiveSlotsBody,
    replies: { 200: list(MinimalConcurrencyLimitResponse) },
    handle: ({ body: { names, slots, mode } }, { store }) =>
      store.write('incrementConcurrencyLimits', { names, slots, mode }),
  }),
  route({
    method: 'POST',
    path: '/v2/concurrency_limits/increment-with-lease',
    operationId: 'bulk_increment_active_slots_with_lease_v2_concurrency_limits_increment_with_lease_post',
    tag,
    body: BulkIncrementActiveSlotsWithLeaseBody,
    replies: { 200: ConcurrencyLimitWithLeaseResponse },
    handle: ({ body }, { store }) => store.write('incrementConcurrencyLimitsWithLease', body),
  }),
  route({
    method: 'POST',
    path: '/v2/concurrency_limits/decrement',
    operationId: 'bulk_decrement_active_slots_v2_concurrency_limits_decrement_post',
    tag,
    body: BulkDecrementActiveSlotsBody,
    replies: { 200: list(MinimalConcurrencyLimitResponse) },
    handle: ({ body: { names, slots, occupancy_seconds } }, { store }) =>
      store.write('decrementConcurrencyLimits', { names, slots, occupancy_seconds }),
  }),
  route({
    method: 'POST',
    path: '/v2/concurrency_limits/decrement-with-lease',
    operationId: 'bulk_decrement_active_slots_with_lease_v2_concurrency_limits_decrement_with_lease_post',
    tag,
    body: BulkDecrementActiveSlotsWithLeaseBody,
    replies: { 204: null },
    handle: ({ body }, { store }) => store.write('decrementConcurrencyLimitsWithLease', body),
  }),
  route({
    method: 'POST',
    path: '/v2/concurrency_limits/leases/{lease_id}/renew',
    operationId: 'renew_concurrency_lease_v2_concurrency_limits_leases__lease_id__renew_post',
    tag,
    // Here Prefect answers a key that is no uuid as bad input; on its other routes it is no path at all.
    params: { lease_id: uuid() },
    body: RenewConcurrencyLeaseBody,
    replies: { 204: null },
    handle: ({ params, body }, { store }) =>
      store.write('renewConcurrencyLease', { leaseId: params.lease_id, lease_duration: body.lease_duration }),
  }),

  route({
    method: 'POST',
    path: '/concurrency_limits/',
    operationId: 'create_concurrency_limit_concurrency_limits__post',
    tag: olderTag,
    body: ConcurrencyLimitCreate,
    replies: { 200: ConcurrencyLimit },
    handle: ({ body }, { store }) => store.write('createTagLimit', body),
  }),
  route({
    method: 'GET',
    path: '/concurrency_limits/{id}',
    operationId: 'read_concurrency_limit_concurrency_limits__id__get',
    tag: olderTag,
    params: { id: 'uuid' },
    replies: { 200: ConcurrencyLimit },
    handle: ({ params }, { store }) => store.read('readTagLimit', { id: params.id }),
  }),
  route({
    method: 'GET',
    path: '/concurrency_limits/tag/{tag}',
    operationId: 'read_concurrency_limit_by_tag_concurrency_limits_tag__tag__get',
    tag: olderTag,
    params: { tag: 'text' },
    replies: { 200: ConcurrencyLimit },
    handle: ({ params }, { store }) => store.read('readTagLimit', { tag: params.tag }),
  }),
  route({
    method: 'POST',
    path: '/concurrency_limits/filter',
    operationId: 'read_concurrency_limits_concurrency_limits_filter_post',
    tag: olderTag,
    body: ReadConcurrencyLimitsBody,
    replies: { 200: list(ConcurrencyLimit) },
    handle: ({ body }, { store, settings }) =>
      store.read('listTagLimits', { page: readPage(body, settings.defaultLimit) }, 'scan'),
  }),
  route({
    method: 'POST',
    path: '/concurrency_limits/tag/{tag}/reset',
    operationId: 'reset_concurrency_limit_by_tag_concurrency_limits_tag__tag__reset_post',
    tag: olderTag,
    params: { tag: 'text' },
    body: ResetConcurrencyLimitByTagBody,
    replies: { 200: any() },
    handle: ({ params, body }, { store }) =>
      store.write('resetTagLimit', { tag: params.tag, slot_override: body.slot_override }),
  }),
  route({
    method: 'DELETE',
    path: '/concurrency_limits/{id}',
    operationId: 'delete_concurrency_limit_concurrency_limits__id__delete',
    tag: olderTag,
    params: { id: 'uuid' },
    replies: { 200: any() },
    handle: ({ params }, { store }) => store.write('deleteTagLimit', { id: params.id }),
  }),
  route({
    method: 'DELETE',
    path: '/concurrency_limits/tag/{tag}',
    operationId: 'delete_concurrency_limit_by_tag_concurrency_limits_tag__tag__delete',
    tag: olderTag,
    params: { tag: 'text' },
    replies: { 200: any() },
    handle: ({ params }, { store }) => store.write('deleteTagLimit', { tag: params.tag }),
  }),
  route({
    method: 'POST',
    path: '/concurrency_limits/increment',
    operationId: 'increment_concurrency_limits_v1_concurrency_limits_increment_post',
    tag: olderTag,
    body: IncrementConcurrencyLimitsV1Body,
    replies: { 200: list(MinimalConcurrencyLimitResponse) },
    handle: ({ body }, { store }) => store.write('incrementTagLimits', body),
  }),
  route({
    method: 'POST',
    path: '/concurrency_limits/decrement',
    operationId: 'decrement_concurrency_limits_v1_concurrency_limits_decrement_post',
    tag: olderTag,
    body: DecrementConcurrencyLimitsV1Body,
    replies: { 200: list(MinimalConcurrencyLimitResponse) },
    handle: ({ body }, { store }) => store.write('decrementTagLimits', body),
  }),
]
