import { shippedGuide } from '../../../../src/shipped/v2-guide.ts';

/** The guide as it ships. */
export const testGuide = shippedGuide();
