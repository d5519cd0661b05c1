import {
  Artifact, ArtifactCollection, ArtifactCreate, ArtifactUpdate, CountArtifactsBody, CountLatestArtifactsBody,
  ReadArtifactsBody, ReadLatestArtifactsBody,
} from '@spillway/core/wire/artifacts'
import { integer, list } from '@spillway/core/wire/schema'
import { readPage } from '../storage/page.ts'
import { route, type Route } from './route.ts'

const tag = 'Artifacts'

export const artifactRoutes: readonly Route[] = [
  route({
    method: 'POST',
    path: '/artifacts/',
    operationId: 'create_artifact_artifacts__post',
    tag,
    body: ArtifactCreate,
    replies: { 200: Artifact },
    handle: ({ body }, { store }) => store.write('createArtifact', body),
  }),
  route({
    method: 'GET',
    path: '/artifacts/{id}',
    operationId: 'read_artifact_artifacts__id__get',
    tag,
    params: { id: 'uuid' },
    replies: { 200: Artifact },
    handle: ({ params }, { store }) => store.read('readArtifact', params),
  }),
  route({
    method: 'GET',
    path: '/artifacts/{key}/latest',
    operationId: 'read_latest_artifact_artifacts__key__latest_get',
    tag,
    params: { key: 'text' },
    replies: { 200: Artifact },
    handle: ({ params }, { store }) => store.read('readLatestArtifact', params),
  }),
  route({
    method: 'POST',
    path: '/artifacts/filter',
    operationId: 'read_artifacts_artifacts_filter_post',
    tag,
    body: ReadArtifactsBody,
    replies: { 200: list(Artifact) },
    handle: ({ body: { sort, limit, offset, ...filters } }, { store, settings }) =>
      store.read(
        'listArtifacts',
        { table: 'artifact', filters, sort, page: readPage({ limit, offset }, settings.defaultLimit) },
        'scan',
      ),
  }),
  route({
    method: 'POST',
    path: '/artifacts/latest/filter',
    operationId: 'read_latest_artifacts_artifacts_latest_filter_post',
    tag,
    body: ReadLatestArtifactsBody,
    replies: { 200: list(ArtifactCollection) },
    handle: ({ body: { sort, limit, offset, ...filters } }, { store, settings }) =>
      store.read(
        'listArtifacts',
        { table: 'artifact_collection', filters, sort, page: readPage({ limit, offset }, settings.defaultLimit) },
        'scan',
      ),
  }),
  route({
    method: 'POST',
    path: '/artifacts/count',
    operationId: 'count_artifacts_artifacts_count_post',
    tag,
    body: CountArtifactsBody,
    replies: { 200: integer() },
    handle: ({ body }, { store }) => store.read('countArtifacts', { table: 'artifact', filters: body }, 'scan'),
  }),
  route({
    method: 'POST',
    path: '/artifacts/latest/count',
    operationId: 'count_latest_artifacts_artifacts_latest_count_post',
    tag,
    body: CountLatestArtifactsBody,
    replies: { 200: integer() },
    handle: ({ body }, { store }) =>
      store.read('countArtifacts', { table: 'artifact_collection', filters: body }, 'scan'),
  }),
  route({
    method: 'PATCH',
    path: '/artifacts/{id}',
    operationId: 'update_artifact_artifacts__id__patch',
    tag,
    params: { id: 'uuid' },
    body: ArtifactUpdate,
    keepAbsent: true,
    replies: { 204: null },
    handle: ({ params, body }, { store }) => store.write('updateArtifact', { id: params.id, changes: body }),
  }),
  route({
    method: 'DELETE',
    path: '/artifacts/{id}',
    operationId: 'delete_artifact_artifacts__id__delete',
    tag,
    params: { id: 'uuid' },
    replies: { 204: null },
    handle: ({ params }, { store }) => store.write('deleteArtifact', params),
  }),
]
