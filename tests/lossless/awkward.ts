/** Legal resources, as text, that a careless server changes: digits, empty-looking things, extensions, odd characters, odd ids. */
const decimals = [
  '0',
  '0.0',
  '-0.0',
  '1',
  '1.0',
  '1.10',
  '1.100',
  '100',
  '1e2',
  '1E2',
  '1e+2',
  '1.50e-3',
  '0.1',
  '0.10',
  '0.1000000000000000055511151231257827',
  '123456789012345678901234567890',
  '-123456789012345678901234567890.1234567890',
  '9007199254740993',
  '0.0000001',
  '1e-7',
  '1e21',
  '3.0e0',
  '0e0',
];

export const awkward: Record<string, string> = {
  ...Object.fromEntries(
    decimals.map((digits) => [
      `the decimal ${digits}`,
      `{"resourceType":"Observation","status":"final","code":{"text":"x"},"valueQuantity":{"value":${digits},"unit":"u"},"component":[{"code":{"text":"y"},"valueSampledData":{"origin":{"value":${digits}},"period":${digits},"dimensions":1,"data":"1.0 2.00 E U"}}]}`,
    ]),
  ),
  'extensions of primitives, with and without values':
    '{"resourceType":"Patient","_birthDate":{"id":"a","extension":[{"url":"http://x.example/e","valueString":"unknown"}]},"name":[{"given":["A",null,"C"],"_given":[null,{"extension":[{"url":"http://x.example/e","valueDecimal":1.00}]},{"id":"c"}]}]}',
  'extensions nobody knows':
    '{"resourceType":"Patient","extension":[{"url":"http://x.example/a","extension":[{"url":"b","valueDecimal":0.50},{"url":"c","valueSignature":{"type":[{"code":"x"}],"when":"2026-01-01T00:00:00.000000001+14:00","who":{"display":"W"}}}]}],"modifierExtension":[{"url":"http://x.example/m","valueBoolean":false}]}',
  'characters of all kinds':
    '{"resourceType":"Patient","name":[{"text":"\\u00e9 e\\u0301 \\ud83d\\ude00 \\u200b \\u202e \\ufeff \\u0085 \\u2028 \\\\ \\" \\/ \\t\\r\\n end"}]}',
  'strings that look like something else':
    '{"resourceType":"Patient","name":[{"family":"null","given":["true","1.10","__proto__","{}","$1","%00"]}]}',
  'dates of all precisions':
    '{"resourceType":"Basic","code":{"text":"x"},"extension":[{"url":"http://x.example/1","valueDateTime":"2026"},{"url":"http://x.example/2","valueDateTime":"2026-02"},{"url":"http://x.example/3","valueDateTime":"2026-02-28T23:59:60Z"},{"url":"http://x.example/4","valueInstant":"2026-02-28T00:00:00.123456789-00:00"},{"url":"http://x.example/5","valueTime":"00:00:00.100"}]}',
  'contained resources with what they have':
    '{"resourceType":"MedicationRequest","contained":[{"resourceType":"Medication","id":"m","meta":{"tag":[{"code":"t"}]},"code":{"text":"x"},"ingredient":[{"itemCodeableConcept":{"text":"y"},"strength":{"numerator":{"value":1.0},"denominator":{"value":2.00}}}]}],"status":"active","intent":"order","medicationReference":{"reference":"#m"},"subject":{"display":"S"}}',
  'meta of its own':
    '{"resourceType":"Patient","meta":{"source":"urn:x#1","profile":["http://hl7.org/fhir/StructureDefinition/Patient"],"security":[{"system":"http://terminology.hl7.org/CodeSystem/v3-Confidentiality","code":"R"}],"tag":[{"code":"b"},{"code":"a"}],"extension":[{"url":"http://x.example/e","valueInteger":-1}]},"language":"en-US","implicitRules":"http://x.example/rules"}',
  'a narrative, as it was written':
    '{"resourceType":"Patient","text":{"status":"generated","div":"<div xmlns=\\"http://www.w3.org/1999/xhtml\\"><p>a &amp; b &#160;<br/>  <b>c</b></p></div>"}}',
  bytes: '{"resourceType":"Binary","contentType":"application/octet-stream","data":"AAECAwQFBgcICQ=="}',
};
