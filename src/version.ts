/** The version of this software, as the capability statement says it. Equal to package.json's (a test sees to it). */
export const version = '0.1.0';
