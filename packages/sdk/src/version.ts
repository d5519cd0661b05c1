/** Of the package; the structure tests keep it equal to package.json. */
export const VERSION = '0.1.0'
