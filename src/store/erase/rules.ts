/**
 * What is erased of a child in each table, as the condition of a DELETE; in this order. `erased` (key, type, id, name) are the records that go,
 * `erased_child` (id) the child, `erased_chart` (site, ehr_id) what sites call the child.
 */
const child = '(SELECT id FROM erased_child)';
const key = 'key IN (SELECT key FROM erased)';
const named = (reference: string) => `${reference} IN (SELECT name FROM erased)`;
const ofType = (type: string, column: string) => `${column} IN (SELECT id FROM erased WHERE type = '${type}')`;
const patient = `patient_id = ${child}`;

/** What one site keeps of the child and of nobody else: seen in the child's slices only, or linked to what is erased. */
const ownRaw = `(site, type, ehr_id) IN (
    SELECT s.site, s.type, s.ehr_id FROM ehr_seen s JOIN erased_chart c ON c.site = s.site AND c.ehr_id = s.slice
     WHERE NOT EXISTS (SELECT FROM ehr_seen o WHERE o.site = s.site AND o.type = s.type AND o.ehr_id = s.ehr_id
       AND NOT (o.site, o.slice) IN (SELECT site, ehr_id FROM erased_chart)))
  OR (site, type, ehr_id) IN (SELECT l.site, l.type, l.ehr_id FROM ehr_link l JOIN erased e ON e.type = l.type AND e.id = l.id)`;

export const erasures: readonly (readonly [table: string, where: string])[] = [
  ['resource_patient', `${key} OR ${patient}`],
  ['resource_string', key],
  ['resource_date', key],
  ['resource_number', key],
  ['resource_history', key],
  ['change_log', `${patient} OR (type, id) IN (SELECT type, id FROM erased)`],
  ['access_lowering', '(type, id) IN (SELECT type, id FROM erased)'],
  ['access_partner', named('party')],
  ['access_role', named('fhir_user')],
  // Searches of the jobs of one child have its id as their key, or in what they were given.
  [
    'job',
    `key = ${child} OR key IN (SELECT id FROM erased) OR jsonb_path_exists(payload, '$.** ? (@ == $id || @ == $name)',
      (SELECT jsonb_build_object('id', id, 'name', 'Patient/' || id) FROM erased_child))`,
  ],
  // Kept for an hour at most, and of many children: whoever asked asks again.
  ['async_request', `state <> 'running' OR strpos(request, ${child}) > 0`],
  ['app_state', `subject = 'Patient/' || ${child} OR subject LIKE '%/Patient/' || ${child} OR ${named('circle')}`],
  ['shared_plan', patient],
  ['shared_plan_removed', ofType('CarePlan', 'plan_id')],
  ['plan_review', patient],
  ['primary_care_override', patient],
  ['emergency_plan', patient],
  ['emergency_link_file', `link_id IN (SELECT id FROM emergency_link WHERE ${patient})`],
  ['emergency_link', patient],
  ['reconcile_decision', patient],
  ['team_reason', patient],
  ['team_removed', patient],
  ['enrollment_digest', ofType('EpisodeOfCare', 'episode_id')],
  ['enrollment', `${patient} OR ${ofType('EpisodeOfCare', 'episode_id')}`],
  ['screening_asked', patient],
  ['task_clock', `${patient} OR ${ofType('Task', 'task_id')}`],
  ['referral_part', `${ofType('Task', 'task_id')} OR source_id IN (SELECT id FROM erased)`],
  ['consent_end', ofType('Consent', 'consent_id')],
  ['measure_result', patient],
  ['measure_child', patient],
  ['measure_answer', 'NOT EXISTS (SELECT FROM measure_result r WHERE r.answer = measure_answer.key)'],
  ['ehr_raw', ownRaw],
  ['ehr_seen', '(site, slice) IN (SELECT site, ehr_id FROM erased_chart)'],
  ['ehr_slice', '(site, patient) IN (SELECT site, ehr_id FROM erased_chart)'],
  ['ehr_identity_conflict', `${patient} OR (site, ehr_id) IN (SELECT site, ehr_id FROM erased_chart)`],
  ['ehr_outbox', `${patient} OR (type, resource_id) IN (SELECT type, id FROM erased)`],
  [
    'ehr_written',
    `(kind, resource_id) IN (
      SELECT CASE type WHEN 'CarePlan' THEN 'plan-document' ELSE 'referral' END, id FROM erased
       WHERE type IN ('CarePlan', 'ServiceRequest', 'Task'))`,
  ],
  ['ehr_link', '(type, id) IN (SELECT type, id FROM erased)'],
  // What hangs on these (codes, tokens, launches, steps of a sign-in) goes with them.
  ['auth_code', `grant_id IN (SELECT id FROM auth_grant WHERE ${patient} OR ${named('fhir_user')})`],
  ['auth_refresh_token', `grant_id IN (SELECT id FROM auth_grant WHERE ${patient} OR ${named('fhir_user')})`],
  ['auth_grant', `${patient} OR ${named('fhir_user')}`],
  ['auth_consent', `${patient} OR ${named('fhir_user')}`],
  ['auth_launch', `${patient} OR ${named('fhir_user')}`],
  // Minutes old, and without a column that says for whom.
  ['auth_transaction', `strpos(parameters || answers::text, ${child}) > 0`],
  ['auth_account_link', named('fhir_user')],
  [
    'auth_account',
    `id IN (SELECT account_id FROM erased_account) AND NOT administrator
      AND NOT EXISTS (SELECT FROM auth_account_link l WHERE l.account_id = auth_account.id)`,
  ],
  ['auth_session', named('fhir_user')],
  ['resource', key],
];

const trail =
  'the audit trail: who touched the record stays known as long as the law asks; no value of a record is in it';
const everybody = 'about nobody’s record';

/** Why tables stay as they are. */
export const keptTables: Readonly<Record<string, string>> = {
  audit_pending: trail,
  audit_block: trail,
  audit_event: trail,
  audit_checkpoint: trail,
  access_emergency: 'who broke the glass, when, and what they wrote as their reason: part of the trail',
  ehr_erased: 'what keeps the sync from bringing the child back: a hash of what a site calls the patient',
  ...Object.fromEntries(
    [
      'schema_migration category_inheritance conformance_generation search_parameter search_generation server_secret server_setting',
      'terminology_system terminology_concept measure_generation measure_translation measure_replaced measure_verification',
      'access_policy referral_partner ehr_site ehr_run',
      'auth_client auth_client_secret auth_signing_key auth_assertion_jti auth_revoked_token auth_provider auth_admin_request',
      'auth_ehr_login auth_upstream_login auth_sign_in_address',
      // Of accounts that go, these go with them; of others they are nobody's record.
      'auth_account_identity auth_recovery_code auth_enrolment auth_sign_in_step',
    ]
      .join(' ')
      .split(' ')
      .map((table) => [table, everybody]),
  ),
};
