export { parseCall, parseExpression, parseValueText } from './fieldParser.js';
export type { ValueReading } from './fieldParser.js';
export { parseScenario } from './scenarioParser.js';
