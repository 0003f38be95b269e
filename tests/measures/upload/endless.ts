/** Logic that ends for girls and, for the time that anybody can wait, never for boys: no row is looked at, so nothing counts its steps. */
export const endless = `context Patient
define "Size": if Patient.gender.value = 'male' then 100000 else 1
define "Numbers": expand { Interval[1, "Size"] } per 1
define "Others": expand { Interval[200001, 200000 + "Size"] } per 1
define "All": true
define "Multiplied": Count("Numbers" except "Others") > 0
`;
