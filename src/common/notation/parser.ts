export { parseCall, parseExpression, parseValueText } from './fieldParser.js';
export type { CallReading, ValueContext, ValueReading } from './fieldParser.js';
export { parseScenario } from './scenarioParser.js';
