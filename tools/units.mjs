// What the NLM's library of UCUM units makes of values.
//
// Run as `node units.mjs` with a JSON list of [value, unit, wanted unit, grams in a mole or null] on its input; says a
// list of what each is in the wanted unit, null where the library knows no such unit or no way.
import { readFileSync } from 'node:fs';
import ucum from '@lhncbc/ucum-lhc';

const units = ucum.UcumLhcUtils.getInstance();
const said = ([value, from, to, molar]) => {
  if ([from, to].some((one) => units.validateUnitString(one).status !== 'valid')) return null;
  const found = units.convertUnitTo(from, value, to, { molecularWeight: molar });
  return found.status === 'succeeded' ? found.toVal : null;
};

console.log(JSON.stringify(JSON.parse(readFileSync(0, 'utf8')).map(said)));
