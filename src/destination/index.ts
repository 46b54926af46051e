/**
 * The kit: all that a destination may import (`millrace/destination`).
 *
 * A destination is a conversation without I/O: it yields effects, receives replies and returns outcomes. The engine
 * sends, authenticates, rate-limits, retries and journals; a test plays the other side with canned answers.
 */
export { authHeaders, authQuery, withPath, withQuery, withSecret } from "./auth.ts";
export type { Auth, Given, Session, SignedRequest, TokenRequest } from "./auth.ts";
export { awsSignature, type AwsScope, objectPath } from "./aws-signature.ts";
export { basicAuth } from "./basic-auth.ts";
export { jwtAssertion, jwtGrant, oauthCredentials, refreshGrant, refreshing, grantOf } from "./oauth.ts";
export { askedWait, checkpoint, del, get, patch, post, put, request, session, wait } from "./http.ts";
export { oauth1Credentials, oauth1Signature, signingOauth1 } from "./oauth1.ts";
export type { HttpRequest, HttpResponse } from "./http.ts";
export { matchRateOf, requestFate } from "./data-manager.ts";
export type { Delivery, Json, ObjectKind, Op, OpCounts, Outcome, SentIdentifier } from "../core.ts";
export { type Api, type ApiOptions, type Fault, jsonApi } from "./api.ts";
export { emailField, phoneField } from "./contact-fields.ts";
export { csv } from "./csv.ts";
export { download, type Downloaded, downloadSettings } from "./download.ts";
export { csvRows } from "./csv-rows.ts";
export { consentOf, customerMatch, matchAddress, type MatchAddress } from "./customer-match.ts";
export { ensureNamed, type NamedOptions, type NamedTarget } from "./ensure-named.ts";
export { type FirstRows, type FirstRowsOptions, type FirstRowsTarget, madeByFirstRows } from "./first-rows.ts";
export * from "./fields.ts";
export { type FileLayout, manifestText, partName, partText } from "./file-layout.ts";
export { filled, rendered, type Values } from "./filled.ts";
export { grouped } from "./grouped.ts";
export { hashed } from "./hashed.ts";
export * from "./identifiers/index.ts";
export { withinBytes } from "./item-size.ts";
export { inCalls } from "./in-calls.ts";
export { inGroups } from "./in-groups.ts";
export { type JobOptions, runJob } from "./job.ts";
export { lineOf, linesOf, ndjsonOf, rowsOf, type Row } from "./lines.ts";
export { mapValues } from "./map-values.ts";
export { type FormFile, multipart } from "./multipart.ts";
export { type NamedRefusals, namedRefusals, refusingJob } from "./named-refusals.ts";
export { nested } from "./nested.ts";
export { apiBase, networkSettings, type NetworkSettings } from "./network.ts";
export {
  accepted,
  all,
  byIndex,
  byKey,
  byStatus,
  deferred,
  rejected,
  rejectedEach,
  rejectedPartly,
  retryAfter,
  skipped,
  together,
  unknown,
} from "./outcomes.ts";
export { standardWebhook } from "./standard-webhooks.ts";
export { answerSettings, jsonPointer, textAt, told } from "./told.ts";
export { webAuth, webCredentials } from "./web-auth.ts";
export { idsInChunks, paged, pagedByOffset } from "./paged.ts";
export { pointer } from "./pointer.ts";
export { normalField } from "./normal-field.ts";
export { serviceAccountCredentials, signedIn } from "./service-account.ts";
export { listRecords, pairRecords, type RecordPair } from "./record-lists.ts";
export {
  deliverRecords,
  lookUp,
  type MatchedRow,
  recordIds,
  type RecordTable,
  registerBy,
  type Register,
} from "./records.ts";
export { only, rowByRow } from "./row-by-row.ts";
export { rowsJob, type RowsJobOptions } from "./rows-job.ts";
export { rpcApi, type RpcApiOptions } from "./rpc-api.ts";
export { type RpcStatus, rpcStatus, violatedRows, type Violation } from "./rpc-status.ts";
export { runFolders } from "./run-folders.ts";
export { said } from "./said.ts";
export { sql, sqlName, type SqlReply, type SqlStatement } from "./sql.ts";
export { isStop, stop, type StopReason } from "./stop.ts";
export { surestKind, underSurest } from "./surest-kind.ts";
export { chunks, numberFrom, remoteIdOf, sourceMarker, sizeOf } from "./parts.ts";
export { type Unspoilt, withoutSpoilers } from "./without-spoilers.ts";
export { defineDestination, type Destination, type Guide } from "./definition.ts";
export type { Effect, Exchange, FileEffect } from "./effect.ts";
export {
  type Batch,
  type Change,
  configured,
  type Context,
  defineObject,
  type Field,
  type Identifier,
  type IdentifierOptions,
  type Limits,
  type Measured,
  type ObjectSpec,
  type RunPart,
  type Summary,
} from "./object.ts";
